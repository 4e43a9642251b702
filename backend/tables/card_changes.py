"""Changing a card so that every terminal hears of it: row, directory version, denylist line.

Lock order, everywhere: cards by number, their holders and purses, then the version counters
(directory, denylist, doors). Posting payments locks in the same order.
"""

from __future__ import annotations

from backend.domain.card import Card, CardChange, unknown_card
from backend.domain.times import utc
from backend.tables.card import CardRow
from backend.tables.outbox import note_freeze
from backend.tables.versions import DIRECTORY, DOORS, deny, next_version
from campus_code.directory import CardState


async def lock_card(card_id: int) -> tuple[CardRow, Card]:
    """Lock a card's row for this transaction. Raises NotFoundError."""
    row = await CardRow.select_for_update().get_or_none(id=card_id)
    if row is None:
        raise unknown_card()
    return row, card_of(row)


def card_of(row: CardRow) -> Card:
    """The domain value of a row."""
    return Card(
        id=row.id,
        number=row.number,
        holder_id=row.holder_id,
        state=CardState(row.state),
        are_doors_frozen=row.are_doors_frozen,
        issue=row.issue,
        frozen_at=row.frozen_at,
        frozen_by=row.frozen_by,
    )


async def record_change(row: CardRow, after: Card, by: str, at: int) -> CardChange:
    """Write what `after` changes, inside the transaction that locked the row.

    The same card again writes nothing, so that every verb may be repeated.
    """
    before = card_of(row)
    if after == before:
        return CardChange(after)
    row.state = after.state
    row.are_doors_frozen = after.are_doors_frozen
    if after.issue != before.issue:
        row.issue = after.issue
        row.issue_raised_at = at
    row.frozen_at = after.frozen_at
    row.frozen_by = after.frozen_by
    if after.is_closed:
        row.closed_at = utc(at)
    is_heard = (after.state, after.issue) != (before.state, before.issue)
    if is_heard:
        row.changed_version = await next_version(DIRECTORY)
    await row.save()
    denied = await _deny_change(before, after, by, at)
    are_doors_told = (after.are_doors_frozen, after.is_closed) != (
        before.are_doors_frozen,
        before.is_closed,
    )
    if are_doors_told:
        row.doors_version = await next_version(DOORS)
        await row.save(update_fields=["doors_version"])
    if after.state is not before.state and after.state in (CardState.FROZEN, CardState.LOST):
        await note_freeze(row.holder_id, after.state, denied, at)
    return CardChange(
        after,
        row.changed_version if is_heard else 0,
        denied,
        row.doors_version if are_doors_told else 0,
    )


async def _deny_change(before: Card, after: Card, by: str, at: int) -> int:
    version = 0
    made_at = utc(at)
    if after.state is CardState.LOST and after.issue != before.issue:
        # stays denied when the card comes back: a terminal may hear of that before it hears
        # of the new issue
        version = await deny(after.number, before.issue, after.state, made_at=made_at, made_by=by)
    if after.state is not before.state:
        version = await deny(after.number, None, after.state, made_at=made_at, made_by=by)
    return version
