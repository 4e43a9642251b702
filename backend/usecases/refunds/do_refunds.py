"""Ask WeChat Pay to give back what was booked, until it has answered, and how far it is."""

from __future__ import annotations

import logging
from collections import Counter

from backend.domain.errors import UnavailableError
from backend.domain.refund import GAP_SECONDS, NEVER_SENT, RefundState, wait_seconds
from backend.domain.wechat_pay import (
    RefundOrder,
    RefundRefusedError,
    RefundTold,
    UnknownToWechatPayError,
)
from backend.tables.ledger import Ledger
from backend.tables.refunds import apply_refund_told, give_up_refund
from backend.tables.top_up import RefundRow, TopUpRow
from backend.usecases.ports import Clock, WechatPay

log = logging.getLogger("xiaoma.refunds")

REFUNDS_PER_RUN = 50
TRIES_COUNTED = 20
"""Beyond this a refund waits the longest time anyway."""
OPEN = tuple(
    one.value for one in (RefundState.BOOKED, RefundState.PROCESSING, RefundState.ABNORMAL)
)


async def do_refunds(ledger: Ledger, pay: WechatPay, clock: Clock) -> Counter[str]:
    """Do what is due; how many refunds ended the run in which state, "waiting" among them.

    A refund has its number before WeChat Pay first hears of it, and keeps it: however often this is
    interrupted and run again, the same number is the same refund.
    """
    due = RefundRow.filter(state__in=OPEN, due_at__gt=0, due_at__lte=int(clock()))
    ended: Counter[str] = Counter()
    for row in await due.order_by("due_at", "id").limit(REFUNDS_PER_RUN):
        ended[await _do(ledger, pay, clock, row)] += 1
    return ended


async def _do(ledger: Ledger, pay: WechatPay, clock: Clock, row: RefundRow) -> str:
    try:
        told = await _ask(pay, clock, row)
        if told is None:
            return "waiting"
        applied = await apply_refund_told(ledger, clock, told)
    except RefundRefusedError as error:
        await give_up_refund(ledger, clock, row, error.code)
        return RefundState.REFUSED.value
    except (UnavailableError, UnknownToWechatPayError) as error:
        log.warning("refund %s: %s", row.out_refund_no, error)
        await _wait(row, int(clock()), error.word)
        return "waiting"
    if not applied.is_changed:  # nothing new: ask again later, and later each time
        await _wait(row, int(clock()), "")
    return applied.state.value


async def _ask(pay: WechatPay, clock: Clock, row: RefundRow) -> RefundTold | None:
    """What WeChat Pay says of it now; None: another part of the order was just asked for."""
    if row.state != RefundState.BOOKED.value:
        return await pay.find_refund(row.out_refund_no)
    now = int(clock())
    others = RefundRow.filter(top_up_id=row.top_up_id).exclude(id=row.id)
    sent = await others.exclude(state__in=[one.value for one in NEVER_SENT]).values_list(
        "sent_at", flat=True
    )
    free_at = max((int(at) + GAP_SECONDS for at in sent if at), default=0)  # type: ignore[call-overload]
    if free_at > now:
        await RefundRow.filter(id=row.id, state=row.state).update(due_at=free_at)
        return None
    order = await TopUpRow.get(id=row.top_up_id)
    await RefundRow.filter(id=row.id).update(sent_at=now)
    asked = RefundOrder(
        row.out_refund_no, order.transaction_id or "", row.amount_fen, order.amount_fen, row.reason
    )
    try:
        return await pay.refund(asked)
    except RefundRefusedError as refused:
        return await _look_first(pay, row, refused)


async def _look_first(pay: WechatPay, row: RefundRow, refused: RefundRefusedError) -> RefundTold:
    """An earlier call may have been taken on although its answer was lost, so a no is not enough.

    Raises RefundRefusedError when WeChat Pay does not know the refund either.
    """
    try:
        return await pay.find_refund(row.out_refund_no)
    except UnknownToWechatPayError:
        raise refused from None


async def _wait(row: RefundRow, now: int, fault: str) -> None:
    due_at, tries = now + wait_seconds(row.tries), min(row.tries + 1, TRIES_COUNTED)
    changes: dict[str, object] = {"due_at": due_at, "tries": tries}
    if fault:
        changes["fault"] = fault
    await RefundRow.filter(id=row.id, state=row.state).update(**changes)
