"""Orders and refunds as WeChat Pay holds them. No HTTP in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from simulators.wechat_pay.clock import day_of, rfc3339
from simulators.wechat_pay.errors import PayError, wrong
from simulators.wechat_pay.keys import Merchant
from simulators.wechat_pay.reading import Body

PREPAY_SECONDS: Final = 7200
ORDER_SECONDS: Final = 7 * 86_400
REFUND_DAYS: Final = 365
REFUNDS_MAX: Final = 50
REFUND_GAP_SECONDS: Final = 60
FEE_TEN_THOUSANDTHS: Final = 60
"""0.60 %."""
DESCRIPTIONS: Final = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "订单未支付",
    "CLOSED": "订单已关闭",
}


@dataclass(slots=True)
class Order:
    """One order. `asked` is its request, compared when it comes again."""

    merchant: Merchant
    asked: dict[str, Any]
    expires_at: float
    prepay_id: str
    prepaid_at: float
    state: str = "NOTPAY"
    transaction_id: str = ""
    paid_at: float = 0.0
    refunds: list[Refund] = field(default_factory=list)

    @property
    def number(self) -> str:
        """The merchant's own."""
        return str(self.asked["out_trade_no"])

    @property
    def total_fen(self) -> int:
        """What was ordered."""
        return int(self.asked["amount"]["total"])

    @property
    def fee_fen(self) -> int:
        """What WeChat Pay keeps."""
        return fee_of(self.total_fen)

    @property
    def refunded_fen(self) -> int:
        """What was given back or is on its way."""
        return sum(one.amount_fen for one in self.refunds if one.status != "CLOSED")

    def told(self) -> dict[str, Any]:
        """What a query answers."""
        told: dict[str, Any] = {
            "appid": self.asked["appid"],
            "mchid": self.merchant.mchid,
            "out_trade_no": self.number,
            "attach": self.asked.get("attach", ""),
            "trade_state": self.state,
            "trade_state_desc": DESCRIPTIONS[self.state],
            "amount": {"total": self.total_fen, "currency": "CNY"},
        }
        if self.transaction_id:
            told |= self.paid()
        return told

    def paid(self) -> dict[str, Any]:
        """What a notice tells of a paid order."""
        return {
            "appid": self.asked["appid"],
            "mchid": self.merchant.mchid,
            "out_trade_no": self.number,
            "transaction_id": self.transaction_id,
            "trade_type": "JSAPI",
            "trade_state": self.state,
            "trade_state_desc": DESCRIPTIONS[self.state],
            "bank_type": "OTHERS",
            "attach": self.asked.get("attach", ""),
            "success_time": rfc3339(self.paid_at),
            "payer": {"openid": self.asked["payer"]["openid"]},
            "amount": {
                "total": self.total_fen,
                "payer_total": self.total_fen,
                "currency": "CNY",
                "payer_currency": "CNY",
            },
        }


@dataclass(slots=True)
class Refund:
    """One refund of one order."""

    order: Order
    asked: dict[str, Any]
    refund_id: str
    accepted_at: float
    fee_fen: int
    status: str = "PROCESSING"
    success_at: float = 0.0

    @property
    def number(self) -> str:
        """The merchant's own."""
        return str(self.asked["out_refund_no"])

    @property
    def amount_fen(self) -> int:
        """What is asked back."""
        return int(self.asked["amount"]["refund"])

    def told(self) -> dict[str, Any]:
        """What an answer says."""
        told: dict[str, Any] = {
            "refund_id": self.refund_id,
            "out_refund_no": self.number,
            "transaction_id": self.order.transaction_id,
            "out_trade_no": self.order.number,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": rfc3339(self.accepted_at),
            "status": self.status,
            "funds_account": "AVAILABLE",
            "amount": {
                "total": self.order.total_fen,
                "refund": self.amount_fen,
                "payer_total": self.order.total_fen,
                "payer_refund": self.amount_fen,
                "settlement_refund": self.amount_fen,
                "settlement_total": self.order.total_fen,
                "discount_refund": 0,
                "currency": "CNY",
            },
        }
        if self.success_at:
            told["success_time"] = rfc3339(self.success_at)
        return told

    def noticed(self) -> dict[str, Any]:
        """What a notice tells."""
        noticed: dict[str, Any] = {
            "mchid": self.order.merchant.mchid,
            "out_trade_no": self.order.number,
            "transaction_id": self.order.transaction_id,
            "out_refund_no": self.number,
            "refund_id": self.refund_id,
            "refund_status": self.status,
            "user_received_account": "支付用户零钱",
            "amount": {
                "total": self.order.total_fen,
                "refund": self.amount_fen,
                "payer_total": self.order.total_fen,
                "payer_refund": self.amount_fen,
            },
        }
        if self.success_at:
            noticed["success_time"] = rfc3339(self.success_at)
        return noticed


class Orders:
    """Every merchant's orders and refunds."""

    def __init__(self, clock: Callable[[], float], randomness: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._randomness = randomness
        self.orders: dict[tuple[str, str], Order] = {}
        self.refunds: dict[tuple[str, str], Refund] = {}

    def prepay(self, merchant: Merchant, body: Body) -> dict[str, Any]:
        """Make an order, or give a new prepay_id for the same one."""
        asked = self._read_order(merchant, body)
        now = self._clock()
        order = self.orders.get((merchant.mchid, asked["out_trade_no"]))
        if order is None:
            expires_at = body.time("time_expire") or now + ORDER_SECONDS
            if expires_at <= now:
                raise wrong("time_expire", "已早于当前时间")
            order = Order(merchant, asked, expires_at, "", now)
            self.orders[merchant.mchid, asked["out_trade_no"]] = order
        elif order.asked != asked:
            raise PayError("OUT_TRADE_NO_USED")
        if order.state in {"SUCCESS", "REFUND"}:
            raise PayError("ORDERPAID")
        if order.state == "CLOSED":
            raise PayError("ORDER_CLOSED")
        order.prepay_id, order.prepaid_at = f"wx{self._randomness(17).hex()}", now
        return {"prepay_id": order.prepay_id}

    def pay(self, order: Order, openid: str) -> None:
        """The payer enters his password. ValueError when it does not come to that."""
        now = self._clock()
        if order.state != "NOTPAY":
            raise ValueError(DESCRIPTIONS[order.state])
        if openid != order.asked["payer"]["openid"]:
            raise ValueError("支付者与下单时不一致")
        if now > order.expires_at or now > order.prepaid_at + PREPAY_SECONDS:
            raise ValueError("订单已过期")
        digits = int.from_bytes(self._randomness(8), "big") % 10**10
        order.transaction_id = f"4200{len(self.orders):06d}{day_of(now):%Y%m%d}{digits:010d}"
        order.state, order.paid_at = "SUCCESS", now

    def find(self, merchant: Merchant, number: str) -> Order:
        """By the merchant's number. Raises PayError."""
        order = self.orders.get((merchant.mchid, number))
        if order is None:
            raise PayError("ORDER_NOT_EXIST")
        return order

    def find_transaction(self, merchant: Merchant, transaction_id: str) -> Order:
        """By ours. Raises PayError."""
        for order in self.orders.values():
            if order.transaction_id == transaction_id and order.merchant is merchant:
                return order
        raise PayError("ORDER_NOT_EXIST")

    def find_prepay(self, prepay_id: str) -> Order:
        """By what the phone was given; ValueError when it is no longer the order's."""
        for order in self.orders.values():
            if order.prepay_id == prepay_id:
                return order
        raise ValueError("prepay_id无效")

    def close(self, merchant: Merchant, number: str, body: Body) -> None:
        """Let nobody pay it any more."""
        if body.text("mchid", 32) != merchant.mchid:
            raise PayError("NO_AUTH")
        order = self.find(merchant, number)
        if order.state in {"SUCCESS", "REFUND"}:
            raise PayError("ORDERPAID")
        order.state = "CLOSED"

    def refund(self, merchant: Merchant, body: Body) -> tuple[Refund, bool]:
        """Take a refund on; the second is whether it is a new one."""
        number, amount = body.number("out_refund_no"), body.inner("amount")
        order = self._refundable(merchant, body)
        wanted = {"refund": amount.fen("refund"), "total": amount.fen("total")}
        asked = {
            "out_refund_no": number,
            "reason": body.text("reason", 80, is_needed=False),
            "notify_url": body.notify_url(is_needed=False),
            "amount": wanted,
        }
        amount.currency()
        known = self.refunds.get((merchant.mchid, number))
        if known is not None:
            if known.asked != asked or known.order is not order:
                raise PayError("INVALID_REQUEST", "退款单号重复，请求参数与原退款不一致")
            return known, False
        self._require_room(order, wanted)
        refund = Refund(
            order,
            asked,
            refund_id=f"5030{int.from_bytes(self._randomness(11), 'big') % 10**25:025d}",
            accepted_at=self._clock(),
            fee_fen=fee_of(wanted["refund"]),
        )
        order.refunds.append(refund)
        order.state = "REFUND"
        self.refunds[merchant.mchid, number] = refund
        return refund, True

    def finish(self, refund: Refund, status: str) -> None:
        """What became of it."""
        refund.status = status
        if status == "SUCCESS":
            refund.success_at = self._clock()

    def balance_fen(self, merchant: Merchant) -> int:
        """What the merchant has."""
        mine = [order for order in self.orders.values() if order.merchant is merchant]
        paid = sum(order.total_fen - order.fee_fen for order in mine if order.transaction_id)
        back = [one for order in mine for one in order.refunds if one.status != "CLOSED"]
        return paid - sum(one.amount_fen - one.fee_fen for one in back)

    def _read_order(self, merchant: Merchant, body: Body) -> dict[str, Any]:
        amount = body.inner("amount")
        asked = {
            "appid": body.text("appid", 32),
            "mchid": body.text("mchid", 32),
            "description": body.text("description", 127),
            "out_trade_no": body.number("out_trade_no"),
            "attach": body.text("attach", 128, is_needed=False),
            "notify_url": body.notify_url(),
            "amount": {"total": amount.fen("total")},
            "payer": {"openid": body.inner("payer").text("openid", 128)},
            "time_expire": body.text("time_expire", 64, is_needed=False),
        }
        amount.currency()
        if asked["mchid"] != merchant.mchid:
            raise PayError("NO_AUTH", "商户号与签名的商户不一致")
        if asked["appid"] not in merchant.app_ids:
            raise PayError("APPID_MCHID_NOT_MATCH")
        return asked

    def _refundable(self, merchant: Merchant, body: Body) -> Order:
        by_ours = body.text("transaction_id", 32, is_needed=False)
        by_theirs = body.text("out_trade_no", 32, is_needed=False)
        if not by_ours and not by_theirs:
            raise wrong("transaction_id", "与out_trade_no二选一必填")
        try:
            order = (
                self.find_transaction(merchant, by_ours)
                if by_ours
                else self.find(merchant, by_theirs)
            )
        except PayError:
            raise PayError("RESOURCE_NOT_EXISTS", "订单不存在") from None
        if not order.transaction_id:
            raise PayError("INVALID_REQUEST", "订单未支付")
        return order

    def _require_room(self, order: Order, amount: dict[str, int]) -> None:
        now = self._clock()
        if amount["total"] != order.total_fen:
            raise PayError("INVALID_REQUEST", "订单金额与原订单不一致")
        if now > order.paid_at + REFUND_DAYS * 86_400:
            raise PayError("INVALID_REQUEST", "订单已超过可退款期限")
        if len(order.refunds) >= REFUNDS_MAX:
            raise PayError("INVALID_REQUEST", "订单退款次数超过限制")
        if order.refunded_fen + amount["refund"] > order.total_fen:
            raise PayError("INVALID_REQUEST", "退款金额大于可退金额")
        if order.refunds and now < order.refunds[-1].accepted_at + REFUND_GAP_SECONDS:
            raise PayError("FREQUENCY_LIMITED", "同一订单多次退款需间隔1分钟")
        if self.balance_fen(order.merchant) < amount["refund"] - fee_of(amount["refund"]):
            raise PayError("NOT_ENOUGH")


def fee_of(fen: int) -> int:
    """The fee of an amount, half up."""
    return (fen * FEE_TEN_THOUSANDTHS + 5_000) // 10_000
