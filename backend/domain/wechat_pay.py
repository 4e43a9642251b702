"""What WeChat Pay tells about payments, refunds and bills, and what can go wrong in asking it.

UnavailableError
├── WechatPayOffError        the school has no merchant number
├── WechatPayAwayError       no answer, a broken or unsigned one, "busy": outcome unknown
├── WechatPayFaultError      it refused for a reason that is ours or unknown: `code`
└── BillNotReadyError        the day's bill is still being made
NotFoundError
├── UnknownToWechatPayError  it has no such order or refund
└── NoBillError              nothing moved on that day
ConflictError
├── OrderPaidError           closing came too late, or the order is asked for again
├── OrderClosedError         the order can no longer be paid
├── OrderUsedError           the order number is another order's
└── RefundRefusedError       not this refund, now or ever: `code`
UnauthenticatedError
└── NoticeRefusedError       what came to the notice address is not to be believed: `fault`
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum

from backend.domain.errors import (
    ConflictError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)


class TradeState(StrEnum):
    """Where WeChat Pay says that an order stands."""

    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    """Paid, and refunded wholly or in part since."""
    NOTPAY = "NOTPAY"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    USERPAYING = "USERPAYING"
    PAYERROR = "PAYERROR"
    ACCEPT = "ACCEPT"


class RefundStatus(StrEnum):
    """Where it says that a refund stands."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    CLOSED = "CLOSED"
    """It will not happen; the money is still the merchant's."""
    ABNORMAL = "ABNORMAL"
    """The payer's account could not take it; the merchant must settle it on WeChat Pay's site."""


class BillKind(StrEnum):
    """The two bills of a day."""

    TRADE = "trade"
    FUND_FLOW = "fund_flow"


@dataclass(frozen=True, slots=True)
class Prepay:
    """An order to be made. `openid` is who will pay; nobody else can."""

    out_trade_no: str
    amount_fen: int
    openid: str
    description: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """A refund to be made; asking again with the same number asks for the same refund."""

    out_refund_no: str
    transaction_id: str
    refund_fen: int
    total_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class PaymentTold:
    """An order as a notice or a query tells it. What an unpaid one lacks is empty, or None."""

    app_id: str
    mchid: str
    out_trade_no: str
    trade_state: TradeState
    transaction_id: str = ""
    trade_type: str = ""
    openid: str = ""
    total_fen: int | None = None
    payer_total_fen: int | None = None
    currency: str = ""
    success_at: int | None = None


@dataclass(frozen=True, slots=True)
class RefundTold:
    """A refund as an answer, a notice or a query tells it. `mchid` is told by notices only."""

    out_refund_no: str
    refund_id: str
    out_trade_no: str
    transaction_id: str
    status: RefundStatus
    refund_fen: int
    total_fen: int
    mchid: str = ""
    success_at: int | None = None


@dataclass(frozen=True, slots=True)
class PaySheet:
    """What `wx.requestPayment` is called with: `pay_sign` opens this one payment."""

    app_id: str
    timestamp: str
    nonce: str
    package: str
    pay_sign: str = field(repr=False)
    sign_type: str = "RSA"


@dataclass(frozen=True, slots=True)
class BillFile:
    """A bill whose hash was right, unzipped."""

    kind: BillKind
    day_on: date
    raw: bytes = field(repr=False)


class NoticeFault(Enum):
    """Why a notice is not believed; the value is the word that logs and counters use."""

    HEADERS = "headers"
    """One is missing, or there twice."""
    TIMESTAMP = "timestamp"
    SIGNATURE_TYPE = "signature_type"
    SERIAL = "serial"
    PROBE = "probe"
    """WeChat Pay's own wrong signature, sent to see that it is refused."""
    SIGNATURE = "signature"
    SIZE = "size"
    ENVELOPE = "envelope"
    DECRYPTION = "decryption"
    EVENT = "event"
    """Another kind of event than this address is for."""
    CONTENT = "content"


class WechatPayOffError(UnavailableError):
    """No merchant number is configured."""

    def __init__(self) -> None:
        super().__init__(
            "wechat_pay_off",
            zh="学校尚未开通微信支付充值，请到卡务中心充值。",
            en="The school has no WeChat Pay yet; please top up at the card office.",
        )


class WechatPayAwayError(UnavailableError):
    """No answer, a broken one, or "busy": whether it was done is unknown. `how` is one word."""

    def __init__(self, how: str) -> None:
        super().__init__(
            "wechat_pay_away",
            zh="微信支付暂时没有回应，请稍后再试。",
            en="WeChat Pay does not answer at the moment; please try again.",
            how=how,
        )
        self.how = how


class WechatPayFaultError(UnavailableError):
    """It refused, and asking the same again would be refused again. `code` is its own word."""

    def __init__(self, code: str, status: int = 0) -> None:
        super().__init__(
            "wechat_pay_fault",
            zh=f"微信支付拒绝了请求（{code}），请联系卡务中心。",
            en=f"WeChat Pay refused the request ({code}); please tell the card office.",
            code=code,
            status=status,
        )
        self.code = code


class BillNotReadyError(UnavailableError):
    """Bills are made until ten in the morning of the next day."""

    def __init__(self, day_on: date) -> None:
        super().__init__(
            "bill_not_ready",
            zh=f"微信支付 {day_on} 的账单还在生成，请稍后再取。",
            en=f"WeChat Pay is still making the bill of {day_on}; ask again later.",
            day_on=day_on.isoformat(),
        )


class NoBillError(NotFoundError):
    """No line, no bill."""

    def __init__(self, day_on: date) -> None:
        super().__init__(
            "no_bill",
            zh=f"微信支付 {day_on} 没有账单：当日没有交易。",
            en=f"WeChat Pay has no bill of {day_on}: nothing moved on that day.",
            day_on=day_on.isoformat(),
        )


class UnknownToWechatPayError(NotFoundError):
    """It has no such order, or no such refund: `what` is "order" or "refund"."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "unknown_to_wechat_pay",
            zh="微信支付没有这笔订单或退款。",
            en=f"WeChat Pay has no such {what}.",
            what=what,
        )


class OrderPaidError(ConflictError):
    """The order is paid already: it is neither closed nor asked for again."""

    def __init__(self) -> None:
        super().__init__("order_paid", zh="该订单已经支付。", en="The order has been paid already.")


class OrderClosedError(ConflictError):
    """The order was closed: a new one is needed."""

    def __init__(self) -> None:
        super().__init__(
            "order_closed", zh="该订单已关闭，请重新充值。", en="The order is closed; start again."
        )


class OrderUsedError(ConflictError):
    """The order number belongs to an order with other contents."""

    def __init__(self) -> None:
        super().__init__(
            "order_used", zh="商户订单号重复。", en="The order number is another order's."
        )


class RefundRefusedError(ConflictError):
    """Over a year old, fifty parts already, more than was paid, too little in the account …"""

    def __init__(self, code: str) -> None:
        super().__init__(
            "refund_refused",
            zh=f"微信支付不接受这笔退款（{code}）。",
            en=f"WeChat Pay does not take this refund ({code}).",
            code=code,
        )
        self.code = code


class NoticeRefusedError(UnauthenticatedError):
    """The answer to whoever sent it says no more than that it is refused; `fault` is for us."""

    def __init__(self, fault: NoticeFault, why: str = "") -> None:
        super().__init__(
            "notice_refused",
            zh="通知未通过验证。",
            en="The notice was not accepted.",
        )
        self.fault = fault
        self.why = why or fault.value

    def __str__(self) -> str:
        return f"{self.word}: {self.fault.value}: {self.why}"
