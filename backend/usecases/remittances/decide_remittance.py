"""Approve somebody else's remittance with the bank's voucher, or reject it."""

from __future__ import annotations

from collections.abc import Iterator

from backend.domain.access import Actor
from backend.domain.accounts import SchoolAccount
from backend.domain.by_two import decided_already, two_people
from backend.domain.payment import Posting
from backend.domain.remittance import APPROVED, REJECTED, unknown_remittance
from backend.domain.set_state import Entry, Mark, SetWrites
from backend.tables import sql
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.ledger import Ledger
from backend.tables.remittance import RemittanceLineRow, RemittanceRow
from backend.tables.sql import Typed
from backend.tables.store import Rows
from backend.usecases.ports import Clock


async def approve_remittance(
    ledger: Ledger, clock: Clock, remittance_id: int, voucher: str, actor: Actor
) -> None:
    """Book it as sent, with the bank's own number; a repeat changes nothing.

    Raises:
        NotFoundError: no such remittance.
        ForbiddenError: the same person asked for it; the database refuses that too.
        ConflictError: it was rejected.

    """
    row = await _other_persons(remittance_id, actor)
    reads = [sql.select("decision", "remittance", f"id={row.id}", ledger.lock)]

    def decide(rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, bool]:
        (((decision,),),) = rows
        if decision == APPROVED:
            return SetWrites(), False
        if decision:
            raise decided_already(decision)
        entry_id, now = next(ids), int(clock())
        source, target = SchoolAccount.MERCHANT_SETTLEMENT, SchoolAccount.MERCHANTS_PAID
        writes = SetWrites()
        leg = Posting(int(source), int(target), row.amount_fen)
        writes.entries.append(Entry(entry_id, "remittance", (leg,)))
        said = (("decision", APPROVED), ("decided_by", actor.label), ("decided_at", now))
        paid = (("voucher", Typed(voucher)), ("entry_id", entry_id))
        writes.marks.append(Mark("remittance", row.id, (*said, *paid)))
        return writes, True

    if await ledger.post(reads, decide):
        async with transaction():
            await _note(row, APPROVED, actor, int(clock()))


async def reject_remittance(remittance_id: int, actor: Actor, at: int) -> None:
    """Let its settlements be asked for anew; a repeat changes nothing.

    Whoever asked may not take it back alone: two people stand for every decision. Raises as
    `approve_remittance`.
    """
    row = await _other_persons(remittance_id, actor)
    async with transaction():
        standing = await RemittanceRow.select_for_update().get(id=row.id)
        if standing.decision == REJECTED:
            return
        if standing.decision:
            raise decided_already(standing.decision)
        await RemittanceRow.filter(id=row.id).update(
            decision=REJECTED, decided_by=actor.label, decided_at=at
        )
        await RemittanceLineRow.filter(remittance_id=row.id).update(standing_id=None)
        await _note(row, REJECTED, actor, at)


async def _other_persons(remittance_id: int, actor: Actor) -> RemittanceRow:
    row = await RemittanceRow.get_or_none(id=remittance_id)
    if row is None:
        raise unknown_remittance()
    if row.made_by == actor.label:
        raise two_people()
    return row


async def _note(row: RemittanceRow, decision: str, actor: Actor, at: int) -> None:
    subject = f"merchant:{row.merchant_id}"
    await note(actor.label, f"remittances.{decision}", subject, at, amount_fen=row.amount_fen)
