"""A school without a merchant number: everything answers so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NoReturn

from backend.domain.wechat_pay import BillKind, Prepay, RefundOrder, WechatPayOffError


class NoWechatPay:
    """Stands where `WechatPayGateway` would."""

    async def prepay(self, order: Prepay) -> NoReturn:  # noqa: ARG002 - the port wants it
        """No order can be made."""
        raise WechatPayOffError

    async def find(self, out_trade_no: str) -> NoReturn:  # noqa: ARG002 - the same
        """Nor found."""
        raise WechatPayOffError

    async def find_transaction(self, transaction_id: str) -> NoReturn:  # noqa: ARG002 - the same
        """By neither number."""
        raise WechatPayOffError

    async def close_order(self, out_trade_no: str) -> NoReturn:  # noqa: ARG002 - the same
        """Nor closed."""
        raise WechatPayOffError

    async def refund(self, order: RefundOrder) -> NoReturn:  # noqa: ARG002 - the same
        """Nor given back."""
        raise WechatPayOffError

    async def find_refund(self, out_refund_no: str) -> NoReturn:  # noqa: ARG002 - the same
        """Nor is there a refund."""
        raise WechatPayOffError

    async def bill(self, kind: BillKind, day_on: date) -> NoReturn:  # noqa: ARG002 - the same
        """Nor a bill."""
        raise WechatPayOffError

    async def close(self) -> None:
        """Nothing to close."""


class NoNotices:
    """Stands where `Notices` would: nobody may send us any."""

    def payment(
        self,
        headers: Iterable[tuple[str, str]],  # noqa: ARG002 - the same
        body: bytes,  # noqa: ARG002 - the same
    ) -> NoReturn:
        """No payment is believed."""
        raise WechatPayOffError

    def refund(
        self,
        headers: Iterable[tuple[str, str]],  # noqa: ARG002 - the same
        body: bytes,  # noqa: ARG002 - the same
    ) -> NoReturn:
        """No refund is."""
        raise WechatPayOffError
