"""What terminals took and refused since a trial of rules began, from counts that somebody keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tortoise.functions import Sum

from backend.domain.rollout import Taps
from backend.tables.pulse import PulseRow
from backend.tables.rollout import RolloutRow
from backend.tables.terminal import RefusalCountRow

MINUTE = 60


async def payments_since(row: RolloutRow) -> Mapping[int, int]:
    """Payments by terminal, until the trial ended if it did."""
    since = PulseRow.filter(minute_at__gte=row.begun_at - row.begun_at % MINUTE)
    if row.ended_at:
        since = since.filter(minute_at__lte=row.ended_at)
    return _by_terminal(
        await since.annotate(taken=Sum("payments"))
        .group_by("terminal_id")
        .values_list("terminal_id", "taken")
    )


async def refusals_since(row: RolloutRow) -> Mapping[int, int]:
    """Since it began, as terminals count by the day: what they had refused before is taken off."""
    counted = RefusalCountRow.filter(business_on__gte=row.begun_on)
    since = _by_terminal(
        await counted.annotate(refused=Sum("count"))
        .group_by("terminal_id")
        .values_list("terminal_id", "refused")
    )
    before = row.refusals_before
    return {
        terminal_id: max(count - before.get(str(terminal_id), 0), 0)
        for terminal_id, count in since.items()
    }


def _by_terminal(rows: Sequence[tuple[int, int]]) -> dict[int, int]:
    return {terminal_id: int(count or 0) for terminal_id, count in rows}


async def sides_of(row: RolloutRow) -> tuple[Taps, Taps]:
    """The terminals that try, and all others."""
    payments, refusals = await payments_since(row), await refusals_since(row)
    chosen = frozenset(row.terminal_ids)

    def side(*, is_canary: bool) -> Taps:
        taken, refused = (
            sum(
                count
                for terminal_id, count in counts.items()
                if (terminal_id in chosen) is is_canary
            )
            for counts in (payments, refusals)
        )
        return Taps(taken, refused)

    return side(is_canary=True), side(is_canary=False)
