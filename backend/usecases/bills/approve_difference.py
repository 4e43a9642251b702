"""Accept the way that somebody else asked for: what it books is booked now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from backend.domain.access import Actor
from backend.domain.bill_day import day_from, day_of
from backend.domain.by_two import two_people
from backend.domain.difference import DifferenceState, Way, adopted_key, signed_fen
from backend.domain.errors import ConflictError
from backend.domain.reconciliation import Subject
from backend.domain.top_up import ORDER_RANDOM_BYTES, refund_number
from backend.domain.wechat_bill import LineKind, TradeBill, TradeLine
from backend.domain.wechat_pay import BillKind, UnknownToWechatPayError
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.tables.audit import note
from backend.tables.bill import DifferenceRow, GiveBackRow
from backend.tables.bill_books import Line, read_held
from backend.tables.bills import Reading, find_difference, read_bill
from backend.tables.database import transaction
from backend.tables.holds import (
    Decision,
    Part,
    book_movement,
    credit_item,
    hold_funds,
    hold_parts,
)
from backend.tables.ledger import Ledger
from backend.tables.payment import SuspenseRow
from backend.tables.proofs import prove_day
from backend.tables.refunds import apply_refund_told
from backend.tables.top_up import RefundRow, TopUpRow
from backend.tables.top_ups import apply_told
from backend.usecases.ports import Clock, Randomness, WechatPay

NOTE_MAX = 200


@dataclass(frozen=True, slots=True)
class Settling:
    """What settling needs of the outside."""

    ledger: Ledger
    clock: Clock
    randomness: Randomness
    pay: WechatPay
    account: WechatPayAccount


@dataclass(frozen=True, slots=True)
class _Case:
    """A difference with what bill and ledger have of its number."""

    billed: tuple[TradeLine, ...]
    lines: tuple[Line, ...]
    trade: TradeBill

    @property
    def surplus(self) -> tuple[TradeLine, ...]:
        """What the bill has and no line of the ledger stands for."""
        booked = {one.transaction_id for one in self.lines}
        return tuple(line for line in self.billed if line.transaction_id not in booked)


async def approve_difference(settling: Settling, difference_id: int, actor: Actor) -> None:
    """Do what was asked for, once.

    Raises:
        NotFoundError: no such difference.
        ForbiddenError: the same person asked for it; the database refuses that too.
        ConflictError: nobody asked, or it does not fit what bill and ledger say by now.
        WechatPayAwayError, WechatPayFaultError: WeChat Pay was asked and did not answer.

    """
    row = await find_difference(difference_id)
    if row.state != DifferenceState.ASKED.value:
        if row.decided_by == actor.label:
            return  # said twice
        raise ConflictError(
            "nobody_asked", zh="没有待处理的申请。", en="Nobody asked for anything."
        )
    if row.asked_by == actor.label:
        raise two_people()
    decision, way = Decision(row, actor.label), Way(row.way)
    if way is Way.QUERY:
        await _query(settling, row, actor)
    elif way is Way.BOOK:
        await book_movement(settling.ledger, settling.clock, decision, row.ours_fen or 0)
    elif row.subject == Subject.FUNDS.value:
        fen = (row.ours_fen or 0) - (row.bill_fen or 0)
        await hold_funds(settling.ledger, settling.clock, decision, fen)
    elif way is Way.CREDIT:
        await _credit(settling, decision)
    else:
        await _hold(settling, decision, is_given_back=way is Way.GIVE_BACK)
    at = int(settling.clock())
    async with transaction():
        subject = f"difference:{row.id}"
        detail = {"way": way.value, "asked_by": row.asked_by}
        await note(actor.label, "differences.approve", subject, at, **detail)


async def _case(settling: Settling, row: DifferenceRow) -> _Case:
    reading = Reading(BillKind.TRADE, day_from(row.day_on), settling.account)
    bill = await read_bill(reading)
    trade = cast("TradeBill", bill or reading.empty())
    subject = Subject(row.subject)
    kind = LineKind.REFUND if subject is Subject.REFUND else LineKind.PAYMENT
    billed = tuple(
        line
        for line in trade.lines
        if line.kind is kind
        and row.reference == (line.out_trade_no if kind is LineKind.PAYMENT else line.out_refund_no)
    )
    named = TradeBill(trade.day_on, trade.digest, billed)
    held = await read_held(settling.ledger, named)
    known = {line.transaction_id for line in billed}
    lines = tuple(
        one
        for one in held.lines
        if one.subject is subject
        and one.number == row.reference
        and one.transaction_id in known
        and (one.signed_fen or subject is Subject.REFUND)
    )
    return _Case(billed, lines, trade)


async def _hold(settling: Settling, decision: Decision, *, is_given_back: bool) -> None:
    row = decision.row
    case = await _case(settling, row)
    if row.item_id:
        await _give_item_back(settling, decision, case)
        return
    if is_given_back:
        if not case.surplus:
            raise _nothing()
        parts = [
            Part(line.amount_fen, await _given_back(settling, row, line)) for line in case.surplus
        ]
    else:
        subject = Subject(row.subject)
        fen = sum(signed_fen(subject, line.amount_fen) for line in case.billed)
        fen -= sum(one.signed_fen or -one.amount_fen for one in case.lines)
        if not fen:
            raise _nothing()
        parts = [Part(fen)]
    mine = case.lines if not is_given_back else _exact(case)
    holder_id = await _holder_of(row)
    await hold_parts(
        settling.ledger, settling.clock, decision, parts, mine=mine, holder_id=holder_id
    )


def _exact(case: _Case) -> Sequence[Line]:
    """The lines that the bill proves as they are: a surplus goes back, the rest is untouched."""
    return [one for one in case.lines if any(one.is_proven_by(line) for line in case.billed)]


async def _give_item_back(settling: Settling, decision: Decision, case: _Case) -> None:
    """What waits in suspense already goes back: the intent alone is written."""
    row, now = decision.row, int(settling.clock())
    item = await SuspenseRow.get(id=row.item_id)
    booked = {one.transaction_id for one in case.lines if one.entry_id != row.item_id}
    own = [
        line
        for line in case.billed
        if line.transaction_id not in booked and line.amount_fen == -item.amount_fen
    ]
    if item.settled_by_id or len(own) != 1:
        raise ConflictError(
            "no_single_payment",
            zh="该挂账不是唯一一笔可退回的付款，请在微信支付商户平台处理。",
            en="The item is not one payment that can go back; see to it on WeChat Pay's own site.",
        )
    made = await _given_back(settling, row, own[0])
    async with transaction():
        changed = await DifferenceRow.filter(
            id=row.id, state=DifferenceState.ASKED.value, asked_by=row.asked_by, way=row.way
        ).update(state=DifferenceState.HELD.value, decided_by=decision.by, decided_at=now)
        if changed:
            await GiveBackRow.filter(id=made.id, state__in=["asked", "failed"]).update(
                item_id=row.item_id, state="asked", fault="", due_at=now
            )


async def _given_back(settling: Settling, row: DifferenceRow, line: TradeLine) -> GiveBackRow:
    """The intent to give one transaction back, which is written once."""
    standing = await GiveBackRow.get_or_none(transaction_id=line.transaction_id)
    if standing is not None:
        if standing.difference_id != row.id or standing.state in {"accepted", "done"}:
            raise ConflictError(
                "given_back_already",
                zh="这笔付款已在退回。",
                en="This payment is on its way back already.",
            )
        return standing
    return await GiveBackRow.create(
        out_refund_no=refund_number(settling.randomness(ORDER_RANDOM_BYTES)),
        difference_id=row.id,
        transaction_id=line.transaction_id,
        out_trade_no=line.out_trade_no,
        amount_fen=line.amount_fen,
        item_id=0,
    )


async def _credit(settling: Settling, decision: Decision) -> None:
    row = decision.row
    case = await _case(settling, row)
    if not row.item_id:
        await _credit_by_bill(settling, decision, case)
        return
    lines = [line for line in case.billed if line.amount_fen == row.bill_fen]
    if len(lines) != 1:
        raise ConflictError(
            "several_payments",
            zh="账单上此单号不是一笔付款，不能记入钱包；请退回付款人。",
            en="The bill has not one payment of this number: it can only go back.",
        )
    line = lines[0]
    order = await TopUpRow.get_or_none(out_trade_no=row.reference)
    if order is None:
        order = await TopUpRow.create(
            out_trade_no=row.reference,
            request_key=adopted_key(row.id),
            holder_id=row.named_id,
            payer=row.asked_by,
            wechat_id=0,
            app_id=line.app_id,
            mchid=settling.account.mchid,
            amount_fen=line.amount_fen,
            state="held",
            held_because="adopted",
            started_at=line.occurred_at,
            expires_at=line.occurred_at,
        )
    order.holder_id = row.named_id
    await credit_item(settling.ledger, settling.clock, decision, order, line)


async def _credit_by_bill(settling: Settling, decision: Decision, case: _Case) -> None:
    """Through the door that notices use; it takes only what is paid as ordered."""
    if len(case.billed) != 1:
        raise _nothing()
    told = case.billed[0].told(settling.account.mchid)
    applied = await apply_told(settling.ledger, settling.clock, told, "bill")
    if not applied.is_taken:
        raise ConflictError(
            "not_as_ordered",
            zh="实付与订单不符（" + "、".join(applied.fields) + "），不能按订单入账。",
            en=f"It was not paid as ordered: {', '.join(applied.fields)}.",
            fields=list(applied.fields),
        )
    row, at = decision.row, int(settling.clock())
    held = await read_held(settling.ledger, case.trade)
    await prove_day(settling.ledger, settling.clock, case.trade, held.lines, decision.by)
    await DifferenceRow.filter(id=row.id, state=DifferenceState.ASKED.value).update(
        state=DifferenceState.SETTLED.value, decided_by=decision.by, decided_at=at
    )


async def _query(settling: Settling, row: DifferenceRow, actor: Actor) -> None:
    """Ask WeChat Pay, outside of any transaction; its answer is in the note.

    The difference is open again: when the answer mended it, the next look at the day finds that.
    """
    if row.subject == Subject.REFUND.value:
        answer = await _query_refund(settling, row.reference)
    else:
        answer = await _query_order(settling, row.reference)
    await DifferenceRow.filter(id=row.id, state=DifferenceState.ASKED.value).update(
        state=DifferenceState.OPEN.value,
        decided_by=actor.label,
        decided_at=int(settling.clock()),
        note=f"{row.note[: NOTE_MAX - len(answer) - 1]} {answer}".strip(),
    )


async def _query_order(settling: Settling, number: str) -> str:
    try:
        told = await settling.pay.find(number)
    except UnknownToWechatPayError as error:
        return error.zh
    await apply_told(settling.ledger, settling.clock, told, "query")
    order = await TopUpRow.get_or_none(out_trade_no=number)
    if told.success_at is None:
        return f"微信支付：{told.trade_state}"
    is_same = order is not None and order.transaction_id == told.transaction_id
    if is_same and order is not None and order.paid_at != told.success_at:
        await TopUpRow.filter(id=order.id).update(paid_at=told.success_at)
    return f"微信支付：{told.trade_state} {day_of(told.success_at)} {told.total_fen} fen"


async def _query_refund(settling: Settling, number: str) -> str:
    try:
        told = await settling.pay.find_refund(number)
    except UnknownToWechatPayError as error:
        return error.zh
    if await RefundRow.exists(out_refund_no=number):
        await apply_refund_told(settling.ledger, settling.clock, told)
    else:  # one of a surplus payment: the worker asks again and books what follows
        given = GiveBackRow.filter(out_refund_no=number, state__in=["asked", "accepted"])
        await given.update(due_at=int(settling.clock()))
    return f"微信支付：{told.status} {told.refund_fen} fen"


async def _holder_of(row: DifferenceRow) -> int:
    if row.subject == Subject.PAYMENT.value:
        order = await TopUpRow.get_or_none(out_trade_no=row.reference)
        return order.holder_id if order else 0
    refund = await RefundRow.get_or_none(out_refund_no=row.reference)
    return refund.holder_id if refund else 0


def _nothing() -> ConflictError:
    return ConflictError(
        "nothing_to_settle",
        zh="账单与账本在此单号上已无差额，请重新核对该日。",
        en="Bill and ledger do not differ on this number any more; reconcile the day again.",
    )
