"""What accounts, channels and exceptions are called, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from backend.domain.accounts import SchoolAccount

_A = SchoolAccount
ACCOUNT_WORDS: Final[Mapping[SchoolAccount, tuple[str, str]]] = MappingProxyType(
    {
        _A.OPENING: ("期初转入", "Opening balances"),
        _A.CASH_DRAWER: ("柜台现金", "Cash at the counter"),
        _A.WECHAT_IN_TRANSIT: ("微信支付在途", "WeChat Pay in transit"),
        _A.BANK_IN_TRANSIT: ("银行在途", "Bank in transit"),
        _A.OFFLINE_SUSPENSE: ("脱机挂账", "Offline suspense"),
        _A.RISK: ("风险账户", "Risk"),
        _A.FEE_INCOME: ("管理费收入", "Fee income"),
        _A.BENEFIT_SOURCE: ("补助来源", "Benefit source"),
        _A.PROMOTION: ("优惠补贴", "Promotion"),
        _A.MERCHANT_SETTLEMENT: ("商户结算待付", "Settled, to be paid"),
        _A.WECHAT_MERCHANT: ("微信支付商户户", "WeChat Pay merchant account"),
        _A.WECHAT_FEES: ("微信支付手续费", "WeChat Pay charges"),
        _A.TOP_UP_SUSPENSE: ("充值挂账", "Top-up suspense"),
        _A.CASH_DIFFERENCE: ("现金长短款", "Cash over or short"),
        _A.COURTESY: ("学校请的餐", "Meals on the school"),
        _A.COMMISSION_INCOME: ("佣金收入", "Commission income"),
        _A.MERCHANTS_PAID: ("已付商户", "Paid to merchants"),
    }
)
PURSE_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "cash": ("持卡人现金钱包", "Holders' cash purses"),
        "benefit": ("持卡人补助钱包", "Holders' benefit purses"),
    }
)
CHANNEL_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"wechat": ("微信支付充值", "WeChat Pay"), "cash": ("柜台现金充值", "Cash at the counter")}
)
EXCEPTION_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "risk": ("学校承担", "Borne by the school"),
        "suspense": ("挂账", "In suspense"),
        "courtesy": ("学校请的餐", "Meals on the school"),
        "dispute": ("争议", "Disputed"),
        "quarantine": ("隔离", "Quarantined"),
        "refund": ("退款", "Refunded"),
        "void": ("撤销", "Voided"),
        "reversal": ("冲正", "Reversed"),
    }
)
