"""What is said to WeChat Pay about one order; what it answers goes through the one door.

Our own row is committed before WeChat Pay hears of the order, and every state before the call that
follows from it, so whatever dies in between is found by the worker.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from backend.domain.top_up import TopUpState
from backend.domain.wechat import OPENID_CONTEXT
from backend.domain.wechat_pay import (
    OrderClosedError,
    OrderPaidError,
    PaySheet,
    Prepay,
    UnknownToWechatPayError,
    WechatPayOffError,
)
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.tables.ledger import Ledger
from backend.tables.top_up import TopUpRow
from backend.tables.top_up_orders import OPEN_STATES
from backend.tables.top_ups import Applied, Outcome, apply_told
from backend.tables.wechat import WechatRow
from backend.usecases.ports import Clock, Randomness, Vault, WechatPay

log = logging.getLogger("xiaoma.top_ups")

DESCRIPTION: Final = "校园卡充值"


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """One school's desk. `merchant` is None for a school without a merchant number."""

    pay: WechatPay
    merchant: WechatPayAccount | None
    ledger: Ledger
    vault: Vault
    clock: Clock
    randomness: Randomness
    amount_fen_max: int

    @property
    def at(self) -> int:
        """Unix seconds."""
        return int(self.clock())

    @property
    def account(self) -> WechatPayAccount:
        """The merchant's account. Raises WechatPayOffError."""
        if self.merchant is None:
            raise WechatPayOffError
        return self.merchant

    async def open_sheet(self, row: TopUpRow) -> PaySheet | None:
        """Make the order at WeChat Pay, or find it again; None when it is paid or closed there.

        Raises what `WechatPay.prepay` does; asking again with the same row is safe.
        """
        payer = await WechatRow.get(id=row.wechat_id)
        order = Prepay(
            out_trade_no=row.out_trade_no,
            amount_fen=row.amount_fen,
            openid=self.vault.open(payer.sealed_openid, OPENID_CONTEXT).decode(),
            description=DESCRIPTION,
            expires_at=row.expires_at,
        )
        try:
            sheet = await self.pay.prepay(order)
        except (OrderPaidError, OrderClosedError):
            await self.ask(row)
            return None
        started = TopUpRow.filter(id=row.id, state=TopUpState.STARTED)
        await started.update(state=TopUpState.PENDING.value)
        return sheet

    async def ask(self, row: TopUpRow) -> Applied:
        """Ask where the order stands, and believe it. Raises what `WechatPay.find` does.

        An order it does not know is one that it never got, and not paid.
        """
        try:
            told = await self.pay.find(row.out_trade_no)
        except UnknownToWechatPayError:
            return Applied(Outcome.UNPAID, row.id, row.holder_id, row.amount_fen)
        return await apply_told(self.ledger, self.clock, told, "query")

    async def close(self, row: TopUpRow) -> None:
        """Let nobody pay it any more; what was paid meanwhile is credited.

        Raises what `WechatPay.close_order` does; the order is then CLOSING and is tried again.
        """
        opened = TopUpRow.filter(id=row.id, state__in=OPEN_STATES)
        await opened.update(state=TopUpState.CLOSING.value)
        try:
            await self.pay.close_order(row.out_trade_no)
        except OrderPaidError:
            await self.ask(row)
            return
        except UnknownToWechatPayError:
            log.info("order %s never reached WeChat Pay", row.out_trade_no)
        closing = TopUpRow.filter(id=row.id, state=TopUpState.CLOSING)
        await closing.update(state=TopUpState.CLOSED.value, due_at=0)
