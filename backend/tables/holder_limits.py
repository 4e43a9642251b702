"""Guardians' limits: setting them, ending them, and telling terminals of every change.

Who changes them holds the holder's row: a payment of his locks it too. The counter of the limits
list is taken after those of the directory and the denylist, as everywhere.
"""

from __future__ import annotations

from collections.abc import Collection

from backend.domain.access import Audience
from backend.domain.errors import ConflictError
from backend.domain.holder_limit import LimitsView, from_text, to_text
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import GuardianshipRow
from backend.tables.holder_limit import HolderLimitRow
from backend.tables.versions import LIMITS, next_version
from campus_code import NO_LIMITS, CardState, HolderLimits

ROWS_A_PAGE = 1000
LIMITED_HOLDERS_MAX = 16_000
"""A terminal holds 20,000 limited cards; some holders have two."""


async def limits_of(holder_id: int) -> LimitsView:
    """What is limited for a holder, and who set it last."""
    row = await HolderLimitRow.get_or_none(holder_id=holder_id)
    if row is None:
        return LimitsView()
    return LimitsView(from_text(row.limits), await _name(holder_id, row.set_by), row.set_at)


async def _name(holder_id: int, label: str) -> str:
    """What a guardian is called by the holder, also one who was sent away; "" for the school."""
    audience, _, guardian_id = label.partition(":")
    if audience != Audience.GUARDIAN:
        return ""
    tie = await GuardianshipRow.get_or_none(holder_id=holder_id, guardian_id=int(guardian_id))
    return "" if tie is None else tie.name


async def put_limits(holder: CardholderRow, limits: HolderLimits, by: str, at: int) -> int:
    """Put limits in force under the holder's lock; the new version, 0 when they stood already.

    Raises:
        ConflictError: terminals can hold no more.

    """
    row = await HolderLimitRow.get_or_none(holder_id=holder.id)
    if from_text(row.limits) == limits if row is not None else not limits:
        return 0
    limited = CardholderRow.filter(is_limited=True)
    if limits and not holder.is_limited and await limited.count() >= LIMITED_HOLDERS_MAX:
        raise ConflictError(
            "too_many_limits",
            zh="设定限额的人数已满。",
            en="Limits are set for as many cardholders as terminals can hold.",
        )
    return await _write(holder, limits, by, at)


async def end_limits(holder_ids: Collection[int], by: str, at: int) -> int:
    """Lift what is limited for these holders, under a lock of theirs; the new version or 0."""
    version = 0
    for holder in await CardholderRow.filter(id__in=holder_ids, is_limited=True).order_by("id"):
        version = await _write(holder, NO_LIMITS, by, at)
    return version


async def tell_limits(holder_id: int) -> int:
    """A holder's cards are others than before: terminals must hear of his limits again, if any."""
    holder = await CardholderRow.select_for_update().get(id=holder_id)
    if not holder.is_limited:
        return 0
    version = await next_version(LIMITS)
    await HolderLimitRow.filter(holder_id=holder_id).update(changed_version=version)
    return version


async def limits_after(version: int) -> list[tuple[str, HolderLimits | None]]:
    """The cards of every holder whose limits changed after a version of the list; None: none now.

    Read in pages, as `holdings.cards_after` and for its reasons.
    """
    entries: list[tuple[str, HolderLimits | None]] = []
    last = 0
    while True:
        rows = HolderLimitRow.filter(changed_version__gt=version, holder_id__gt=last)
        page = await rows.order_by("holder_id").limit(ROWS_A_PAGE)
        limits = {row.holder_id: from_text(row.limits) for row in page}
        for card in await CardRow.filter(holder_id__in=list(limits)).order_by("id"):
            is_open = card.state != CardState.CLOSED
            entries.append((card.number, limits[card.holder_id] or None if is_open else None))
        if len(page) < ROWS_A_PAGE:
            return entries
        last = page[-1].holder_id


async def _write(holder: CardholderRow, limits: HolderLimits, by: str, at: int) -> int:
    version = await next_version(LIMITS)
    written = {"limits": to_text(limits), "set_by": by, "set_at": at, "changed_version": version}
    await HolderLimitRow.update_or_create(written, holder_id=holder.id)
    await CardholderRow.filter(id=holder.id).update(is_limited=bool(limits))
    return version
