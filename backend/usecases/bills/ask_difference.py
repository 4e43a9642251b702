"""Ask for a way to settle a difference; nothing moves until somebody else accepts it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.accounts import purse_account
from backend.domain.card import unknown_cardholder
from backend.domain.difference import (
    BOOKED_AGAINST,
    DifferenceState,
    Way,
    adopted_key,
    require_way,
)
from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.reconciliation import Cause, Subject
from backend.domain.top_up import TOP_UP_FEN_MAX
from backend.tables.account import AccountRow
from backend.tables.audit import note
from backend.tables.bill import DifferenceRow
from backend.tables.bills import find_difference
from backend.tables.database import transaction
from backend.tables.payment import SuspenseRow
from backend.tables.retrying import retried
from backend.tables.top_up import TopUpRow


@dataclass(frozen=True, slots=True)
class WayAsked:
    """How to settle it. `named_id`: the holder of a credit, the account or item of a booking."""

    way: Way
    named_id: int
    note: str


@retried
async def ask_difference(difference_id: int, asked: WayAsked, actor: Actor, at: int) -> None:
    """Put the request down; the same person asking the same again changes nothing.

    Raises:
        NotFoundError: no such difference, or nobody has the purse that is named.
        InvalidInputError: what is named does not fit the way.
        ConflictError: it is not to be settled like that, or somebody asked already.

    """
    await find_difference(difference_id)
    async with transaction():
        row = await DifferenceRow.select_for_update().get(id=difference_id)
        said = (row.asked_by, row.way, row.named_id, row.note)
        if row.state == DifferenceState.ASKED.value and said == (
            actor.label,
            asked.way.value,
            asked.named_id,
            asked.note,
        ):
            return
        state = DifferenceState(row.state)
        require_way(Subject(row.subject), Cause(row.cause), state, asked.way)
        await _require_named(row, asked)
        await DifferenceRow.filter(id=row.id).update(
            state=DifferenceState.ASKED.value,
            way=asked.way.value,
            named_id=asked.named_id,
            note=asked.note,
            asked_by=actor.label,
            asked_at=at,
            decided_by="",
            decided_at=0,
        )
        detail = {"way": asked.way.value, "named_id": asked.named_id}
        await note(actor.label, "differences.ask", f"difference:{row.id}", at, **detail)


async def _require_named(row: DifferenceRow, asked: WayAsked) -> None:
    if asked.way is Way.BOOK:
        return await _require_account(row, asked.named_id)
    if asked.way is Way.CREDIT and row.item_id:
        return await _require_owner(row, asked.named_id)
    if asked.way is Way.GIVE_BACK and row.item_id:
        await _require_whole(row)
    if asked.named_id:
        raise InvalidInputError("named_id", "this way names nobody", zh="此处理方式不需要指定对象")
    return None


async def _require_account(row: DifferenceRow, named_id: int) -> None:
    if named_id in {int(one) for one in BOOKED_AGAINST}:
        return
    item = await SuspenseRow.get_or_none(id=named_id, settled_by_id=0)
    if item is None:
        names = ", ".join(f"{int(one)} {one.name.lower()}" for one in BOOKED_AGAINST)
        raise InvalidInputError(
            "named_id",
            f"an account ({names}) or an open item is wanted",
            zh=f"请指定科目（{names}）或一笔未结挂账",
        )
    if item.amount_fen != row.ours_fen:
        raise ConflictError(
            "other_amount",
            zh="挂账金额与此不符。",
            en="The item in suspense is for another amount.",
            item_fen=item.amount_fen,
        )


async def _require_owner(row: DifferenceRow, holder_id: int) -> None:
    if not await AccountRow.exists(id=purse_account(holder_id, "cash")):
        raise unknown_cardholder()
    order = await TopUpRow.get_or_none(out_trade_no=row.reference)
    if order is not None and order.request_key != adopted_key(row.id):
        if order.holder_id != holder_id:
            raise ConflictError(
                "other_owner",
                zh="该订单属于另一位持卡人。",
                en="The order says that it was for somebody else.",
                holder_id=order.holder_id,
            )
        if order.amount_fen != row.bill_fen or order.state == "paid":
            raise _only_back()
    if not 1 <= (row.bill_fen or 0) <= TOP_UP_FEN_MAX:
        raise _only_back()


async def _require_whole(row: DifferenceRow) -> None:
    """An item that is a whole payment can go back; the rest of one that was credited cannot."""
    item = await SuspenseRow.get(id=row.item_id)
    if row.cause == Cause.AMOUNT.value and item.amount_fen != -(row.bill_fen or 0):
        raise ConflictError(
            "no_single_payment",
            zh="该挂账只是一笔付款的差额，微信支付不能单独退回；由充值退款退给付款人。",
            en="The item is a part of a payment that was credited; a refund of the top-up gives"
            " it back.",
        )


def _only_back() -> ConflictError:
    return ConflictError(
        "not_as_ordered",
        zh="实付金额与订单不符、订单已入账或超过单笔上限，不能记入钱包；请退回付款人。",
        en="It was not paid as ordered, or more than a top-up may be: it can only go back.",
    )
