"""Cut chosen terminals from the server for some minutes, to see that they can be alone."""

from __future__ import annotations

from collections.abc import Sequence

from backend.domain.access import Actor
from backend.domain.drill import DRILL_SECONDS_MAX, DRILL_TERMINALS_MAX
from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.terminal import unknown_terminal
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.drill import DrilledTerminalRow, DrillRow
from backend.tables.terminal import TerminalRow


async def order_drill(
    terminal_ids: Sequence[int], seconds: int, reason: str, *, actor: Actor, at: int
) -> int:
    """Answer the drill's number. Terminals hear of it at their next sync; it ends by itself.

    Raises:
        InvalidInputError: too long, too many terminals, or none.
        NotFoundError: a terminal that is not there, or is revoked.
        ConflictError: a terminal is in a drill already.

    """
    wanted = sorted(set(terminal_ids))
    if not 1 <= len(wanted) <= DRILL_TERMINALS_MAX:
        raise InvalidInputError("terminal_ids", f"must be 1 to {DRILL_TERMINALS_MAX} terminals")
    if not 1 <= seconds <= DRILL_SECONDS_MAX:
        raise InvalidInputError("seconds", f"must be 1 to {DRILL_SECONDS_MAX}")
    async with transaction():
        terminals = TerminalRow.filter(id__in=wanted, revoked_at=None).order_by("id")
        if len(await terminals.select_for_update()) != len(wanted):
            raise unknown_terminal()
        running = await DrillRow.filter(ends_at__gt=at).values_list("id", flat=True)
        drilled = DrilledTerminalRow.filter(drill_id__in=list(running), terminal_id__in=wanted)
        if running and await drilled.exists():
            raise ConflictError(
                "drill_under_way",
                zh="其中有终端正在演练。",
                en="One of these terminals is in a drill already.",
            )
        drill = await DrillRow.create(
            reason=reason, ordered_by=actor.label, begins_at=at, ends_at=at + seconds
        )
        await DrilledTerminalRow.bulk_create(
            [DrilledTerminalRow(drill_id=drill.id, terminal_id=one) for one in wanted]
        )
        await note(
            actor.label,
            "drills.order",
            f"drill:{drill.id}",
            at,
            reason=reason,
            seconds=seconds,
            terminals=len(wanted),
        )
    return int(drill.id)
