"""The two bills of a day, as text: BOM, CRLF, backquotes, a summary."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from simulators.wechat_pay.clock import BEIJING, bill_time, day_of
from simulators.wechat_pay.errors import PayError
from simulators.wechat_pay.keys import Merchant
from simulators.wechat_pay.orders import Order, Orders, Refund

READY_AT: Final = time(10, 0)
KEPT_DAYS: Final = 90
TOKEN_SECONDS: Final = 300
TRADE_HEADER: Final = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,"
    "交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,"
    "充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,"
    "费率备注"
)
TRADE_SUMMARY: Final = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
FUND_HEADER: Final = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
    "账户结余(元),资金变更提交申请人,备注,业务凭证号"
)
FUND_SUMMARY: Final = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
RATE: Final = "0.60%"

Mend = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Stored:
    """A bill that may be fetched under its token for a while."""

    merchant: Merchant
    raw: bytes
    until: float


class Bills:
    """Makes bills and hands them out by token."""

    def __init__(
        self, orders: Orders, clock: Callable[[], float], randomness: Callable[[int], bytes]
    ) -> None:
        self._orders = orders
        self._clock = clock
        self._randomness = randomness
        self._stored: dict[str, Stored] = {}

    def order(
        self, merchant: Merchant, kind: str, query: dict[str, str], mend: Mend
    ) -> tuple[str, str]:
        """Make the bill of a day: its token and its SHA-1. Raises PayError.

        `mend` is given the bill's text and answers what is handed out instead.
        """
        day_on = self._day(query.get("bill_date", ""))
        wanted = {"tradebill": ("bill_type", "ALL"), "fundflowbill": ("account_type", "BASIC")}
        name, value = wanted[kind]
        if query.get(name, value) != value:
            raise PayError("PARAM_ERROR", f"{name}: 模拟器只有{value}")
        text = (_trade if kind == "tradebill" else _funds)(self._orders, merchant, day_on)
        if text is None:
            raise PayError("NO_STATEMENT_EXIST")
        raw = mend(text)
        token = self._randomness(24).hex()
        is_zipped = query.get("tar_type") == "GZIP"
        kept = gzip.compress(raw) if is_zipped else raw
        self._stored[token] = Stored(merchant, kept, self._clock() + TOKEN_SECONDS)
        return token, hashlib.sha1(raw, usedforsecurity=False).hexdigest()

    def fetch(self, merchant: Merchant, token: str) -> bytes:
        """The file of a token. Raises PayError when it is over, or another merchant's."""
        stored = self._stored.get(token)
        if stored is None or stored.merchant is not merchant or self._clock() > stored.until:
            raise PayError("INVALID_REQUEST", "下载地址已失效")
        return stored.raw

    def _day(self, text: str) -> date:
        try:
            day_on = date.fromisoformat(text)
        except ValueError:
            raise PayError("PARAM_ERROR", "bill_date: 格式为yyyy-MM-DD") from None
        now = self._clock()
        today = day_of(now)
        if day_on >= today or day_on < today - timedelta(days=KEPT_DAYS):
            raise PayError("PARAM_ERROR", "bill_date: 只能下载三个月内的账单")
        ready = datetime.combine(day_on + timedelta(days=1), READY_AT, BEIJING)
        if now < ready.timestamp():
            raise PayError("STATEMENT_CREATING")
        return day_on


def yuan(fen: int, decimals: int = 2) -> str:
    """How bills write an amount."""
    sign, absolute = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{absolute // 100}.{absolute % 100:02d}".ljust(
        len(f"{sign}{absolute // 100}.") + decimals, "0"
    )


def text_of(header: str, rows: Iterable[list[str]], summary: str, totals: list[str]) -> bytes:
    """The file: a mark, a header, rows, a summary."""
    lines = [header, *(_row(row) for row in rows), summary, _row(totals)]
    return ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()


def _row(cells: list[str]) -> str:
    return ",".join(f"`{cell}" for cell in cells)


def _happened(orders: Orders, merchant: Merchant, day_on: date) -> list[Order | Refund]:
    """Payments at the time they were paid and refunds at the time they were taken on."""
    mine = [order for order in orders.orders.values() if order.merchant is merchant]
    paid = [(one.paid_at, one) for one in mine if one.transaction_id]
    back = [(refund.accepted_at, refund) for order in mine for refund in order.refunds]
    both: list[tuple[float, Order | Refund]] = [*paid, *back]
    return [one for at, one in sorted(both, key=lambda pair: pair[0]) if day_of(at) == day_on]


def _trade(orders: Orders, merchant: Merchant, day_on: date) -> bytes | None:
    happened = _happened(orders, merchant, day_on)
    if not happened:
        return None
    paid = [one for one in happened if isinstance(one, Order)]
    back = [one for one in happened if isinstance(one, Refund)]
    total_fen, back_fen = sum(o.total_fen for o in paid), sum(r.amount_fen for r in back)
    fee_fen = sum(o.fee_fen for o in paid) - sum(r.fee_fen for r in back)
    totals = [
        *(str(len(happened)), yuan(total_fen), yuan(back_fen), yuan(0)),
        *(yuan(fee_fen, 5), yuan(total_fen), yuan(back_fen)),
    ]
    rows = [_paid_row(one) if isinstance(one, Order) else _back_row(one) for one in happened]
    return text_of(TRADE_HEADER, rows, TRADE_SUMMARY, totals)


def _left(order: Order, at: float, state: str) -> list[str]:
    asked = order.asked
    return [
        *(bill_time(at), asked["appid"], order.merchant.mchid, "0", "", order.transaction_id),
        *(order.number, asked["payer"]["openid"], "JSAPI", state, "OTHERS", "CNY"),
    ]


def _paid_row(order: Order) -> list[str]:
    return [
        *_left(order, order.paid_at, "SUCCESS"),
        *(yuan(order.total_fen), yuan(0), "0", "0", yuan(0), yuan(0), "", ""),
        *(order.asked["description"], order.asked.get("attach", "")),
        *(yuan(order.fee_fen, 5), RATE, yuan(order.total_fen), yuan(0), ""),
    ]


def _back_row(refund: Refund) -> list[str]:
    order = refund.order
    amount = yuan(refund.amount_fen)
    return [
        *_left(order, refund.accepted_at, "REFUND"),
        *(yuan(0), yuan(0), refund.refund_id, refund.number, amount, yuan(0)),
        # the state it was taken on in: bills are not changed when it ends
        *("ORIGINAL", "PROCESSING", order.asked["description"], order.asked.get("attach", "")),
        *(yuan(-refund.fee_fen, 5), RATE, yuan(0), amount, ""),
    ]


def _funds(orders: Orders, merchant: Merchant, day_on: date) -> bytes | None:
    moves: list[tuple[float, list[str], int]] = []
    for one in _happened(orders, merchant, day_on):
        if isinstance(one, Order):
            ids = [one.transaction_id, one.transaction_id]
            moves.append((one.paid_at, [*ids, "交易", "交易"], one.total_fen))
            if one.fee_fen:
                moves.append((one.paid_at, [*ids, "交易", "扣除交易手续费"], -one.fee_fen))
        else:
            ids = [one.refund_id, one.order.transaction_id]
            net_fen = one.fee_fen - one.amount_fen
            moves.append((one.accepted_at, [*ids, "退款", "退款"], net_fen))
    if not moves:
        return None
    rows, balance_fen = [], 0
    for number, (at, names, fen) in enumerate(moves, 1):
        balance_fen += fen
        direction = "收入" if fen > 0 else "支出"
        rows.append(
            [
                *(bill_time(at), *names, direction, yuan(abs(fen)), yuan(balance_fen)),
                *(f"{merchant.mchid}API", "校园卡,餐费", f"V{number:06d}"),
            ]
        )
    gains = [fen for _, _, fen in moves if fen > 0]
    losses = [-fen for _, _, fen in moves if fen < 0]
    totals = [str(len(moves)), str(len(gains)), yuan(sum(gains))]
    totals += [str(len(losses)), yuan(sum(losses))]
    return text_of(FUND_HEADER, rows, FUND_SUMMARY, totals)
