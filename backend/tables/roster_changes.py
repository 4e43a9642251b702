"""What imports of a roster changed: noted in bulk, read back, marked when it was undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from backend.domain.errors import NotFoundError
from backend.domain.roster_undo import Difference, Outcome
from backend.tables.account import AccountRow
from backend.tables.card import BindingRow, CardRow, PhoneRow
from backend.tables.cardholder import CardholderRow
from backend.tables.chip import ChipRow
from backend.tables.door import DoorGrantRow
from backend.tables.guardian import ContactRow, GuardianCodeRow, GuardianshipRow
from backend.tables.leaving import LeavingHolderRow
from backend.tables.payment import PaymentRow
from backend.tables.roster import RosterChangeRow, RosterImportRow
from backend.tables.top_up import TopUpRow

ROWS_PER_STATEMENT = 500


async def note_changes(import_id: int, changes: Sequence[tuple[int, Difference]]) -> None:
    """Keep what an import does to each (holder id, difference), in its own transaction."""
    await RosterChangeRow.bulk_create(
        [
            RosterChangeRow(
                import_id=import_id,
                holder_id=holder_id,
                line=one.line,
                before=one.before.to_text() if one.before is not None else "",
                after=one.after.to_text(),
            )
            for holder_id, one in changes
        ],
        batch_size=ROWS_PER_STATEMENT,
    )


async def import_of(import_id: int) -> RosterImportRow:
    """The import. Raises NotFoundError."""
    row = await RosterImportRow.get_or_none(id=import_id)
    if row is None:
        raise NotFoundError("unknown_import", zh="没有这次导入", en="There is no such import")
    return row


async def mark_outcomes(outcomes: Mapping[int, Outcome]) -> None:
    """Write what became of changes, by id, in the transaction that undid them."""
    for outcome in Outcome:
        ids = [change_id for change_id, one in outcomes.items() if one is outcome]
        if ids:
            await RosterChangeRow.filter(id__in=ids).update(outcome=outcome.value)


async def used_holders(holder_ids: Sequence[int]) -> set[int]:
    """Who of these has anything that a person did with his card, his money or his data.

    One card without a phone or chip is what an import itself opens.
    """
    ids = list(holder_ids)
    cards = await CardRow.filter(holder_id__in=ids).only("id", "holder_id")
    owners = {card.id: card.holder_id for card in cards}
    counted = Counter(owners.values())
    found = {holder_id for holder_id, count in counted.items() if count > 1}
    for rows in (PhoneRow, ChipRow, BindingRow):
        for used in await rows.filter(card_id__in=list(owners)).only("id", "card_id"):
            found.add(owners[used.card_id])
    for query in (
        PaymentRow.filter(holder_id__in=ids),
        TopUpRow.filter(holder_id__in=ids),
        GuardianshipRow.filter(holder_id__in=ids),
        GuardianCodeRow.filter(holder_id__in=ids),
        ContactRow.filter(holder_id__in=ids),
        DoorGrantRow.filter(holder_id__in=ids),
        LeavingHolderRow.filter(holder_id__in=ids),
        AccountRow.filter(holder_id__in=ids).exclude(balance_fen=0),
    ):
        found |= {row.holder_id for row in await query.only("id", "holder_id")}
    pins = CardholderRow.filter(id__in=ids, pin_hash__isnull=False).only("id")
    return found | {row.id for row in await pins}


async def count_changes(import_id: int) -> int:
    """How many people an import changed whom nobody has brought back yet."""
    return await RosterChangeRow.filter(import_id=import_id, outcome="").count()
