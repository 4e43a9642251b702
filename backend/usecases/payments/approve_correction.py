"""Approve somebody else's refund or void: the money goes back now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.domain.access import Actor
from backend.domain.accounts import PURSES, purse_account
from backend.domain.by_two import decided_already, two_people
from backend.domain.correction import CorrectionKind, legs_back
from backend.domain.courtesy import require_whole_void
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.payment import Posting
from backend.domain.set_state import Entry, HolderState, PaymentFact, SetWrites
from backend.tables import sql
from backend.tables.audit import note
from backend.tables.corrections import is_within_reach
from backend.tables.database import transaction
from backend.tables.ledger import Ledger
from backend.tables.payment import CorrectionRequestRow
from backend.tables.payment_reads import LEGS_MAX, PAYMENT_COLUMNS, payment_fact
from backend.tables.sql import Typed
from backend.tables.store import Rows
from backend.usecases.ports import Clock
from campus_code import Tally

_HOLDER = (
    "t.business_on,t.period_id,t.day_fen,t.meal_fen,t.meal_count,t.last_at,t.last_terminal_id,"
    "a.purse,a.balance_fen,a.floor_fen"
)


async def approve_correction(ledger: Ledger, clock: Clock, request_id: int, actor: Actor) -> None:
    """Post a request that another person made, once.

    Raises:
        NotFoundError: no such request, or one about a payment beyond the actor's reach.
        ForbiddenError: the same person asked for it; the database refuses that too.
        ConflictError: it was rejected, or the payment was reversed, is borne by the school (of a
            meal on it: is not to be voided whole), or does not hold so much any more.

    """
    request = await CorrectionRequestRow.get_or_none(id=request_id)
    if request is None or not await is_within_reach(request, actor):
        raise NotFoundError("unknown_request", zh="没有这个申请。", en="There is no such request.")
    if request.made_by == actor.label:
        raise two_people()
    payment, legs = await _read_payment(ledger, request.payment_id)
    reads = [
        *_reads(payment, request.request_key, ledger.lock),
        sql.select("decision", "correction_request", f"id={request.id}", ledger.lock),
    ]

    def decide(rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, None]:
        *found, ((decision,),) = rows
        if decision == "rejected":
            raise decided_already("rejected")
        return _decide(found, next(ids), payment, legs, (request, actor.label, int(clock()))), None

    await ledger.post(reads, decide)
    await _close_request(request, actor, int(clock()))


async def _read_payment(ledger: Ledger, payment_id: int) -> tuple[PaymentFact, list[Posting]]:
    inside = f"id BETWEEN {int(payment_id)} AND {int(payment_id) + LEGS_MAX - 1}"
    payments, legs = await ledger.read(
        [
            sql.select(PAYMENT_COLUMNS, "payment", f"id={int(payment_id)}"),
            sql.select("source_id,target_id,amount_fen", "posting", inside, " ORDER BY id"),
        ]
    )
    return payment_fact(payments[0]), [Posting(*leg) for leg in legs]


def _reads(payment: PaymentFact, request_key: str, lock: str) -> list[str]:
    joined = "account a JOIN tally t ON t.holder_id=a.holder_id"
    mine = f"payment_id={payment.id}"
    return [
        sql.select(_HOLDER, joined, f"a.holder_id={payment.holder_id}", " ORDER BY a.id" + lock),
        sql.select("COALESCE(SUM(amount_fen),0)", "correction", mine),
        sql.select("id", "correction", f"request_key='{sql.plain(request_key)}'"),
        sql.select("id", "reversal", mine),
    ]


def _decide(
    rows: Sequence[Rows],
    entry_id: int,
    payment: PaymentFact,
    legs: Sequence[Posting],
    request: tuple[CorrectionRequestRow, str, int],
) -> SetWrites:
    purses, ((given_back,),), standing, reversals = rows
    asked, approved_by, now = request
    if standing:
        return SetWrites()
    if reversals or (payment.borne_fen and not payment.is_courtesy):
        raise ConflictError(
            "not_refundable",
            zh="该消费已冲正或由学校承担，不能退款。",
            en="This payment was reversed or is borne by the school.",
        )
    if int(given_back) + asked.amount_fen > payment.charged_fen:
        raise ConflictError(
            "refunded_already",
            zh="超过可退金额。",
            en="This is more than the payment still holds.",
            left_fen=payment.charged_fen - int(given_back),
        )
    if payment.is_courtesy:
        is_void = asked.kind == CorrectionKind.VOID.value
        require_whole_void(
            is_void=is_void, amount_fen=asked.amount_fen, charged_fen=payment.charged_fen
        )
    back = legs_back(legs, int(given_back), asked.amount_fen)
    holder = _holder(payment.holder_id, purses)
    names = {purse_account(holder.id, purse): purse for purse in PURSES}
    for leg in back:
        if leg.target in names:
            holder.move(names[leg.target], leg.amount_fen)
    if asked.kind == CorrectionKind.VOID.value:
        holder.tally = holder.tally.subtract(payment)
        holder.is_counted = True
    writes = SetWrites(holders=[holder])
    if payment.is_courtesy:
        writes.settled_suspense[payment.id] = entry_id
    writes.entries.append(Entry(entry_id, "correction", back, corrects_id=payment.id))
    writes.corrections.append(
        (
            entry_id,
            payment.id,
            asked.request_key,
            asked.kind,
            asked.amount_fen,
            asked.made_by,
            approved_by,
            Typed(asked.reason),
            now,
        )
    )
    return writes


def _holder(holder_id: int, purses: Rows) -> HolderState:
    business_on, period, day_fen, meal_fen, meal_count, last_at, last_terminal = purses[0][:7]
    tally = Tally(business_on or None, period, day_fen, meal_fen, meal_count, last_at or None)
    balances = {row[7]: row[8] for row in purses}
    floors = {row[7]: row[9] for row in purses}
    return HolderState(holder_id, tally, last_terminal, balances, floors)


async def _close_request(request: CorrectionRequestRow, actor: Actor, now: int) -> None:
    async with transaction():
        await CorrectionRequestRow.filter(id=request.id, decision="").update(
            decided_by=actor.label, decided_at=now, decision="approved"
        )
        subject = f"payment:{request.payment_id}"
        await note(actor.label, "corrections.approve", subject, now, amount_fen=request.amount_fen)
