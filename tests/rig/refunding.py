"""Top-ups that were paid, and what goes back of them, on a small school without HTTP."""

from __future__ import annotations

import itertools
import os

from backend.domain.access import Actor, Audience, Role
from backend.domain.refund import Purse
from backend.domain.top_up import ORDER_RANDOM_BYTES, order_number
from backend.domain.wechat_pay import PaymentTold, RefundStatus, RefundTold, TradeState
from backend.tables.leaving import LeavingHolderRow, LeavingRow
from backend.tables.lots import purse_selects, read_purse
from backend.tables.refunds import AppliedRefund, apply_refund_told
from backend.tables.top_up import LotRow, RefundRow, TopUpRow
from backend.tables.top_ups import apply_told
from backend.tables.wechat_accounts import keep_account
from backend.usecases.refunds.approve_refund import approve_refund
from backend.usecases.refunds.ask_refund import RefundAsked, ask_refund
from tests.rig.campus import Campus

CLERK = Actor(Audience.STAFF, 1, "clerk", role=Role.FINANCE)
OTHER = Actor(Audience.STAFF, 2, "other", role=Role.FINANCE)
OPENID = "o-refunding"
DAY = 86_400

_numbers = itertools.count(1)


async def top_up(campus: Campus, holder_id: int, fen: int, paid_at: int = 0) -> LotRow:
    """An order that was paid and credited, by the one door through which orders are."""
    wechat_id = await keep_account(OPENID, "sealed", int(campus.now))
    number = order_number(os.urandom(ORDER_RANDOM_BYTES))
    await TopUpRow.create(
        out_trade_no=number,
        request_key=f"refunding-{next(_numbers)}",
        holder_id=holder_id,
        payer="student:1",
        wechat_id=wechat_id,
        app_id="wx-refunding",
        mchid="1900000109",
        amount_fen=fen,
        state="pending",
        started_at=int(campus.now),
        expires_at=int(campus.now) + 1800,
    )
    paid = PaymentTold(
        app_id="wx-refunding",
        mchid="1900000109",
        out_trade_no=number,
        trade_state=TradeState.SUCCESS,
        transaction_id=f"42{next(_numbers):026}",
        trade_type="JSAPI",
        openid=OPENID,
        total_fen=fen,
        payer_total_fen=fen,
        currency="CNY",
        success_at=paid_at or int(campus.now),
    )
    assert (await apply_told(campus.ledger, campus.clock, paid, "notice")).is_taken
    return await LotRow.get(reference=number)


async def asked(campus: Campus, lot: LotRow, fen: int, actor: Actor = CLERK) -> RefundRow:
    """A refund that one person asked for."""
    wanted = RefundAsked(f"refund-{next(_numbers):06}", lot.id, fen, "家长申请")
    return await ask_refund(campus.ledger, wanted, actor, at=int(campus.now), randomness=os.urandom)


async def booked(campus: Campus, lot: LotRow, fen: int) -> RefundRow:
    """A refund that two people want."""
    row = await asked(campus, lot, fen)
    await approve_refund(campus.ledger, campus.clock, row.id, OTHER)
    return await RefundRow.get(id=row.id)


async def told(row: RefundRow, status: RefundStatus, **changes: object) -> RefundTold:
    """What WeChat Pay says of a refund."""
    order = await TopUpRow.get(id=row.top_up_id)
    fields: dict[str, object] = {
        "out_refund_no": row.out_refund_no,
        "refund_id": f"50{row.id:026}",
        "out_trade_no": order.out_trade_no,
        "transaction_id": order.transaction_id,
        "status": status,
        "refund_fen": row.amount_fen,
        "total_fen": order.amount_fen,
        "mchid": order.mchid,
    }
    return RefundTold(**{**fields, **changes})  # type: ignore[arg-type]


async def tell(campus: Campus, row: RefundRow, status: RefundStatus) -> AppliedRefund:
    """WeChat Pay says it."""
    return await apply_refund_told(campus.ledger, campus.clock, await told(row, status))


async def purse_of(campus: Campus, holder_id: int) -> Purse:
    """The cash purse as it stands."""
    return read_purse(*await campus.ledger.read(purse_selects(holder_id, "")))


async def left_of(campus: Campus, lot: LotRow) -> int:
    """What is left of a lot, in fen."""
    purse = await purse_of(campus, lot.holder_id)
    (fen,) = [one.left_fen for one in purse.left() if one.lot.id == lot.id]
    return fen


async def leaving_for(campus: Campus, *holder_ids: int, **changes: object) -> LeavingRow:
    """A leaving that two people opened for these holders, from now on for a week."""
    fields: dict[str, object] = {
        "request_key": f"leaving-{next(_numbers)}",
        "name": "2026届",
        "opens_at": int(campus.now),
        "closes_at": int(campus.now) + 7 * DAY,
        "holders": len(holder_ids),
        "made_by": CLERK.label,
        "made_at": int(campus.now),
        "decided_by": OTHER.label,
        "decided_at": int(campus.now),
        "decision": "approved",
    }
    row = LeavingRow(**{**fields, **changes})
    await row.save()
    for holder_id in holder_ids:
        await LeavingHolderRow.create(leaving_id=row.id, holder_id=holder_id)
    return row
