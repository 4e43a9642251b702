"""WeChat Pay's trade bill and fund-flow bill, read strictly: one wrong cell refuses the file."""

from __future__ import annotations

import hashlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from backend.domain.bill_text import BillFault, BillRefusedError, Layout, Line, Table, read_table
from backend.domain.wechat_pay import PaymentTold, TradeState

TRADE_LAYOUT: Final = Layout(
    columns=(
        *("交易时间", "公众账号ID", "商户号", "微信订单号", "商户订单号", "用户标识", "交易类型"),
        *(
            "交易状态",
            "货币种类",
            "应结订单金额",
            "微信退款单号",
            "商户退款单号",
            "退款金额",
            "充值券退款金额",
        ),
        *("退款状态", "手续费", "订单金额", "申请退款金额"),
    ),
    free=("商品名称", "商户数据包"),
    summary=(
        *("总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额"),
        *("订单总金额", "申请退款总金额"),
    ),
)
TRADE_SUMS: Final = (
    ("应结订单总金额", "应结订单金额"),
    ("退款总金额", "退款金额"),
    ("充值券退款总金额", "充值券退款金额"),
    ("手续费总金额", "手续费"),
    ("订单总金额", "订单金额"),
    ("申请退款总金额", "申请退款金额"),
)
FUND_LAYOUT: Final = Layout(
    columns=(
        *("记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型"),
        *("收支金额(元)", "账户结余(元)"),
    ),
    free=("资金变更提交申请人", "备注"),
    summary=("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额"),
)
CURRENCY: Final = "CNY"
INCOME: Final = "收入"
EXPENSE: Final = "支出"


class LineKind(StrEnum):
    """What a line of the trade bill is."""

    PAYMENT = "SUCCESS"
    REFUND = "REFUND"


@dataclass(frozen=True, slots=True)
class ExpectedBill:
    """Which bill was asked for. `digests_seen` are the SHA-256 of every file read before."""

    day_on: date
    mchid: str
    app_ids: frozenset[str]
    digests_seen: AbstractSet[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class TradeLine:
    """A payment or a refund. `amount_fen` is what was ordered, or what was asked back.

    `settled_fen` is what moves at the merchant: less than the amount when a coupon paid a part.
    `fee_fen` is negative where a refund gives the fee back.
    """

    kind: LineKind
    occurred_at: int
    transaction_id: str
    out_trade_no: str
    amount_fen: int
    settled_fen: int
    fee_fen: int
    refund_id: str = ""
    out_refund_no: str = ""
    refund_status: str = ""
    app_id: str = ""
    openid: str = ""
    trade_type: str = ""

    def told(self, mchid: str) -> PaymentTold:
        """The payment as a notice would have told it: everything that the bill says of it."""
        return PaymentTold(
            app_id=self.app_id,
            mchid=mchid,
            out_trade_no=self.out_trade_no,
            trade_state=TradeState.SUCCESS,
            transaction_id=self.transaction_id,
            trade_type=self.trade_type,
            openid=self.openid,
            total_fen=self.amount_fen,
            currency=CURRENCY,
            success_at=self.occurred_at,
        )


@dataclass(frozen=True, slots=True)
class TradeBill:
    """A day's payments and refunds."""

    day_on: date
    digest: str
    lines: tuple[TradeLine, ...]

    @property
    def fee_fen(self) -> int:
        """What the day cost."""
        return sum(line.fee_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class FundLine:
    """One movement of the merchant's account; `amount_fen` is negative when it goes out."""

    booked_at: int
    business_id: str
    flow_id: str
    name: str
    kind: str
    amount_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class FundBill:
    """A day's movements."""

    day_on: date
    digest: str
    lines: tuple[FundLine, ...]


def digest_of(raw: bytes) -> str:
    """How a file is known again: SHA-256 in hex."""
    return hashlib.sha256(raw).hexdigest()


def read_trade_bill(raw: bytes, expected: ExpectedBill) -> TradeBill:
    """Read a trade bill of kind ALL. Raises BillRefusedError: nothing of it is used then."""
    digest = _new_digest(raw, expected)
    table = read_table(raw, TRADE_LAYOUT)
    lines = tuple(_trade_line(line, expected) for line in table.lines)
    _require_single(table, [line.refund_id or line.transaction_id for line in lines])
    _require_sums(table)
    return TradeBill(expected.day_on, digest, lines)


def read_fund_bill(raw: bytes, expected: ExpectedBill) -> FundBill:
    """Read a fund-flow bill of the basic account. Raises BillRefusedError.

    It names no merchant, so a bill of somebody else's is found by its lines only.
    """
    digest = _new_digest(raw, expected)
    table = read_table(raw, FUND_LAYOUT)
    lines = tuple(_fund_line(line, expected.day_on) for line in table.lines)
    # a movement changes the balance: two lines alike in all of it are one line twice
    _require_single(table, ["|".join(line.cells.values()) for line in table.lines])
    _require_fund_sums(table, lines)
    return FundBill(expected.day_on, digest, lines)


def _new_digest(raw: bytes, expected: ExpectedBill) -> str:
    digest = digest_of(raw)
    if digest in expected.digests_seen:
        raise BillRefusedError(BillFault.REPEATED_FILE)
    return digest


def _trade_line(line: Line, expected: ExpectedBill) -> TradeLine:
    if line.text("商户号") != expected.mchid:
        raise line.refuse(BillFault.MERCHANT, "商户号")
    if line.text("公众账号ID") not in expected.app_ids:
        raise line.refuse(BillFault.APP, "公众账号ID")
    if line.text("货币种类") != CURRENCY:
        raise line.refuse(BillFault.CURRENCY, "货币种类")
    if line.text("交易状态") not in set(LineKind):
        raise line.refuse(BillFault.KIND, "交易状态")
    kind = LineKind(line.text("交易状态"))
    is_refund = kind is LineKind.REFUND
    made = TradeLine(
        kind=kind,
        occurred_at=line.time("交易时间", expected.day_on),
        transaction_id=line.reference("微信订单号"),
        out_trade_no=line.reference("商户订单号"),
        amount_fen=line.fen("申请退款金额" if is_refund else "订单金额"),
        settled_fen=line.fen("退款金额" if is_refund else "应结订单金额"),
        fee_fen=line.fen("手续费", may_be_negative=True),
        refund_id=line.reference("微信退款单号") if is_refund else "",
        out_refund_no=line.reference("商户退款单号") if is_refund else "",
        refund_status=line.text("退款状态") if is_refund else "",
        app_id=line.text("公众账号ID"),
        openid=line.text("用户标识"),
        trade_type=line.text("交易类型"),
    )
    if made.amount_fen <= 0:
        raise line.refuse(BillFault.AMOUNT, "申请退款金额" if is_refund else "订单金额")
    return made


def _fund_line(line: Line, day_on: date) -> FundLine:
    direction = line.text("收支类型")
    if direction not in {INCOME, EXPENSE}:
        raise line.refuse(BillFault.KIND, "收支类型")
    amount_fen = line.fen("收支金额(元)")
    return FundLine(
        booked_at=line.time("记账时间", day_on),
        business_id=line.reference("微信支付业务单号"),
        flow_id=line.reference("资金流水单号"),
        name=line.text("业务名称"),
        kind=line.text("业务类型"),
        amount_fen=amount_fen if direction == INCOME else -amount_fen,
        balance_fen=line.fen("账户结余(元)", may_be_negative=True),
    )


def _require_single(table: Table, keys: list[str]) -> None:
    seen: set[str] = set()
    for line, key in zip(table.lines, keys, strict=True):
        if key in seen:
            raise line.refuse(BillFault.REPEATED_LINE)
        seen.add(key)


def _require_sums(table: Table) -> None:
    summary = table.summary
    if summary.count("总交易单数") != len(table.lines):
        raise summary.refuse(BillFault.TOTALS, "总交易单数")
    for total, column in TRADE_SUMS:
        sum_fen = sum(line.fen(column, may_be_negative=True) for line in table.lines)
        if summary.fen(total, may_be_negative=True) != sum_fen:
            raise summary.refuse(BillFault.TOTALS, total)


def _require_fund_sums(table: Table, lines: tuple[FundLine, ...]) -> None:
    income = [line.amount_fen for line in lines if line.amount_fen > 0]
    expense = [-line.amount_fen for line in lines if line.amount_fen < 0]
    summary = table.summary
    wrong = {
        "资金流水总笔数": summary.count("资金流水总笔数") != len(lines),
        "收入金额": summary.fen("收入金额") != sum(income),
        "支出金额": summary.fen("支出金额") != sum(expense),
    }
    for column, is_wrong in wrong.items():
        if is_wrong:
            raise summary.refuse(BillFault.TOTALS, column)
