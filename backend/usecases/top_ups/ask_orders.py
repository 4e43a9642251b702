from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Final

from backend.domain.top_up import TopUpState, next_ask
from backend.domain.wechat_pay import WechatPayAwayError, WechatPayFaultError, WechatPayOffError
from backend.tables.top_up import TopUpRow
from backend.usecases.order_desk import OrderDesk

log = logging.getLogger("xiaoma.top_ups")

ORDERS_MAX: Final = 40
"""Orders one run asks about, all at once: the other jobs of the worker wait for it."""


async def ask_orders(desk: OrderDesk) -> Counter[str]:
    """Ask about every order that has been silent, and close those whose time is over.

    What was credited, closed or is held is never asked about again. Its next time is noted before
    an order is asked about, so one that fails does not hold up the others.
    """
    at = desk.at
    due = TopUpRow.filter(due_at__gt=0, due_at__lte=at)
    rows = await due.order_by("due_at", "id").limit(ORDERS_MAX)
    asked = (_ask(row, desk, at) for row in rows)
    words = await asyncio.gather(*asked, return_exceptions=True)  # each to its end
    for word in words:
        if isinstance(word, BaseException):
            raise word
    return Counter(word for word in words if isinstance(word, str))


async def _ask(row: TopUpRow, desk: OrderDesk, at: int) -> str:
    tries = row.tries + 1
    still = TopUpRow.filter(id=row.id, due_at=row.due_at)
    due_at = next_ask(tries, at, row.expires_at)
    if not await still.update(due_at=due_at, tries=tries):
        return "moved"  # a notice was faster
    try:
        if row.state == TopUpState.CLOSING or row.expires_at <= at:
            await desk.close(row)
            return "closing"
        return (await desk.ask(row)).outcome.value
    except WechatPayAwayError as error:
        log.warning("order %s: WeChat Pay is away: %s", row.out_trade_no, error.how)
        return "away"
    except WechatPayOffError:
        return "off"  # the merchant number was taken away: the next bill tells what was paid
    except WechatPayFaultError as error:
        log.error("order %s: WeChat Pay refuses: %s", row.out_trade_no, error.code)  # noqa: TRY400
        return "refused"
