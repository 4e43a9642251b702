"""The columns of each report, and which reports can be had of one merchant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from backend.domain.report import Column, ReportKind, Unit

COUNTS = (
    Column("payments", "笔数", "Payments", Unit.COUNT),
    Column("offline_payments", "其中脱机", "Offline", Unit.COUNT),
)
MONEY = (
    Column("nominal_fen", "原价", "Nominal"),
    Column("discount_fen", "优惠", "Discount"),
    Column("fee_fen", "管理费", "Fee"),
    Column("charged_fen", "实收", "Charged"),
    Column("corrected_fen", "退款与冲正", "Given back"),
    Column("net_fen", "商户应得", "Merchant's net"),
)
_MERCHANT = Column("name", "商户", "Merchant", Unit.TEXT)
COLUMNS: Final[Mapping[ReportKind, tuple[Column, ...]]] = {
    ReportKind.DAYS: (Column("day_on", "营业日", "Business day", Unit.DAY), *COUNTS, *MONEY),
    ReportKind.MERCHANTS: (_MERCHANT, *COUNTS, *MONEY),
    ReportKind.PERIODS: (Column("name", "餐次", "Meal period", Unit.TEXT), *COUNTS, *MONEY),
    ReportKind.TERMINALS: (
        Column("name", "终端", "Terminal", Unit.TEXT),
        Column("merchant", "商户", "Merchant", Unit.TEXT),
        *COUNTS,
        *MONEY,
    ),
    ReportKind.CLASSES: (Column("name", "卡类", "Class", Unit.TEXT), *COUNTS, *MONEY),
    ReportKind.DEPARTMENTS: (
        Column("name", "院系", "Department", Unit.TEXT),
        *COUNTS,
        *MONEY,
        Column("borne_fen", "学校承担", "Borne by the school"),
    ),
    ReportKind.CASHIERS: (
        Column("name", "收银员", "Cashier", Unit.TEXT),
        Column("drawers", "钱箱班次", "Drawers", Unit.COUNT),
        Column("open", "未关", "Open", Unit.COUNT),
        Column("credits", "现金充值笔数", "Cash top-ups", Unit.COUNT),
        Column("taken_fen", "收现", "Cash in"),
        Column("cash_outs", "取现笔数", "Cash-outs", Unit.COUNT),
        Column("paid_fen", "付现", "Cash out"),
        Column("difference_fen", "长短款", "Over or short"),
    ),
    ReportKind.WINDOW_CASHIERS: (
        Column("name", "收银员", "Cashier", Unit.TEXT),
        Column("merchant", "商户", "Merchant", Unit.TEXT),
        Column("shifts", "班次", "Shifts", Unit.COUNT),
        Column("open", "未交班", "Open", Unit.COUNT),
        Column("payments", "笔数", "Payments", Unit.COUNT),
        Column("offline_payments", "脱机", "Offline", Unit.COUNT),
        Column("charged_fen", "实收", "Charged"),
        Column("voided_fen", "撤销", "Voided"),
        Column("stands_fen", "净收", "Stands"),
        Column("difference_fen", "长短款", "Over or short"),
    ),
    ReportKind.CHANNELS: (
        Column("name", "渠道", "Channel", Unit.TEXT),
        Column("count", "笔数", "Number", Unit.COUNT),
        Column("fen", "转入", "Came in"),
        Column("returns", "退回笔数", "Returns", Unit.COUNT),
        Column("returned_fen", "退回", "Went back"),
        Column("net_fen", "净额", "Net"),
    ),
    ReportKind.FEES: (
        _MERCHANT,
        Column("charged_fen", "实收", "Charged"),
        Column("fee_fen", "管理费", "Fees"),
        Column("school_fee_fen", "其中归学校", "School's part"),
        Column("merchant_fee_fen", "其中归商户", "Merchant's part"),
        Column("basis_points", "佣金（万分之）", "Commission (1/100 %)", Unit.COUNT, False),
        Column("commission_fen", "佣金", "Commission"),
    ),
    ReportKind.EXCEPTIONS: (
        Column("name", "类别", "Kind", Unit.TEXT),
        Column("reason", "原因", "Reason", Unit.TEXT),
        Column("count", "笔数", "Number", Unit.COUNT),
        Column("fen", "金额", "Amount"),
    ),
    ReportKind.INACTIVE: (
        Column("name", "卡类", "Class", Unit.TEXT),
        Column("cards", "卡数", "Cards", Unit.COUNT),
        Column("balance_fen", "余额", "Balance"),
    ),
    ReportKind.TRIAL_BALANCE: (
        Column("name", "科目", "Account", Unit.TEXT),
        Column("opening_debit_fen", "期初借方", "Opening debit"),
        Column("opening_credit_fen", "期初贷方", "Opening credit"),
        Column("debit_fen", "本期借方", "Debits"),
        Column("credit_fen", "本期贷方", "Credits"),
        Column("closing_debit_fen", "期末借方", "Closing debit"),
        Column("closing_credit_fen", "期末贷方", "Closing credit"),
        Column("postings", "分录数", "Postings", Unit.COUNT),
    ),
}
BY_MERCHANT = frozenset(
    {
        ReportKind.DAYS,
        ReportKind.MERCHANTS,
        ReportKind.PERIODS,
        ReportKind.TERMINALS,
        ReportKind.CLASSES,
        ReportKind.FEES,
        ReportKind.WINDOW_CASHIERS,
    }
)
"""Reports that can be had of one merchant."""
