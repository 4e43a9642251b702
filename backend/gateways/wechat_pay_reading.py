"""From WeChat Pay's JSON to domain values. A field that is missing or no such thing is a fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from backend.domain.wechat_pay import PaymentTold, RefundStatus, RefundTold, TradeState

TEXT_LENGTH_MAX: Final = 256


class ContentError(Exception):
    """What was told cannot be read: the name of the field."""


class Fields:
    """One JSON object."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path

    @classmethod
    def of(cls, raw: bytes) -> Fields:
        """Parse; ContentError when it is not an object in UTF-8 JSON."""
        try:
            values = json.loads(raw)
        except (ValueError, RecursionError):
            raise ContentError("no JSON") from None
        if not isinstance(values, dict):
            raise ContentError("no object")
        return cls(values)

    def text(self, name: str, *, length_max: int = TEXT_LENGTH_MAX) -> str:
        """A text that is there and not empty."""
        value = self._values.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= length_max:
            raise ContentError(self._path + name)
        return value

    def any_text(self, name: str, *, length_max: int = TEXT_LENGTH_MAX) -> str:
        """A text that may be missing or empty."""
        return self.text(name, length_max=length_max) if self._values.get(name) else ""

    def require(self, name: str, value: str) -> None:
        """A text that must be this one."""
        if self.text(name) != value:
            raise ContentError(self._path + name)

    def fen(self, name: str) -> int:
        """An amount in fen. A boolean and 1.0 are none."""
        value = self._values.get(name)
        if type(value) is not int or value < 0:
            raise ContentError(self._path + name)
        return value

    def inner(self, name: str) -> Fields:
        """An object within."""
        value = self._values.get(name)
        if not isinstance(value, dict):
            raise ContentError(self._path + name)
        return Fields(value, f"{self._path}{name}.")

    def has(self, name: str) -> bool:
        """Whether there is anything."""
        return self._values.get(name) is not None

    def time(self, name: str) -> int | None:
        """A time in RFC 3339, as Unix seconds; None when there is none."""
        text = self.any_text(name)
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise ContentError(self._path + name) from None
        if at.tzinfo is None:
            raise ContentError(self._path + name)
        return int(at.timestamp())


def read_payment(fields: Fields) -> PaymentTold:
    """An order as a query or a notice tells it. Raises ContentError."""
    state = _trade_state(fields.text("trade_state"))
    app_id, mchid = fields.text("appid"), fields.text("mchid")
    number = fields.text("out_trade_no")
    if state not in {TradeState.SUCCESS, TradeState.REFUND}:
        return PaymentTold(app_id, mchid, number, state)
    amount = fields.inner("amount")
    return PaymentTold(
        app_id=app_id,
        mchid=mchid,
        out_trade_no=number,
        trade_state=state,
        transaction_id=fields.text("transaction_id"),
        trade_type=fields.text("trade_type"),
        openid=fields.inner("payer").text("openid"),
        total_fen=amount.fen("total"),
        payer_total_fen=amount.fen("payer_total"),
        currency=amount.text("currency"),
        success_at=fields.time("success_time"),
    )


def read_refund(fields: Fields, status_name: str = "status") -> RefundTold:
    """A refund. Notices call its status `refund_status`. Raises ContentError."""
    amount = fields.inner("amount")
    try:
        status = RefundStatus(fields.text(status_name))
    except ValueError:
        raise ContentError(status_name) from None
    return RefundTold(
        out_refund_no=fields.text("out_refund_no"),
        refund_id=fields.text("refund_id"),
        out_trade_no=fields.text("out_trade_no"),
        transaction_id=fields.text("transaction_id"),
        status=status,
        refund_fen=amount.fen("refund"),
        total_fen=amount.fen("total"),
        mchid=fields.any_text("mchid"),
        success_at=fields.time("success_time"),
    )


def _trade_state(text: str) -> TradeState:
    try:
        return TradeState(text)
    except ValueError:
        raise ContentError("trade_state") from None
