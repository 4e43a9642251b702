"""What a school may set while it runs: whole numbers with a default and bounds.

Whatever belongs to the signed rules (prices, limits, periods) is published there, not set here;
whatever names a machine, a key or a partner is configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.domain.errors import InvalidInputError, NotFoundError

STAFF_SESSION_HOURS: Final = "staff_session_hours"
RISK_DAY_FEN: Final = "risk_day_fen"
RISK_FAST_PAYMENTS: Final = "risk_fast_payments"
RISK_FAST_SECONDS: Final = "risk_fast_seconds"
RISK_WRONG_CODES: Final = "risk_wrong_codes"
CASE_DAYS: Final = "case_days"


@dataclass(frozen=True, slots=True)
class Setting:
    """One of them; `zh` and `en` say what it does."""

    default: int
    lowest: int
    highest: int
    zh: str
    en: str


SETTINGS: Final[Mapping[str, Setting]] = {
    STAFF_SESSION_HOURS: Setting(
        12,
        1,
        24,
        "工作人员登录后多少小时须重新登录",
        "Hours after which a member of staff has to log in again",
    ),
    RISK_DAY_FEN: Setting(
        50_000,
        1_000,
        10_000_000,
        "一天消费超过多少分即预警",
        "Fen spent in a day above which an alert is raised",
    ),
    RISK_FAST_PAYMENTS: Setting(
        6,
        2,
        100,
        "同一张卡在下述时间内达到多少笔即预警",
        "Payments of one card within the seconds below that raise an alert",
    ),
    RISK_FAST_SECONDS: Setting(
        600,
        30,
        86_400,
        "连续消费预警的时间范围（秒）",
        "The span in which a card's payments are counted (seconds)",
    ),
    RISK_WRONG_CODES: Setting(
        20,
        1,
        10_000,
        "一台终端一天遇到多少个无效码或假卡即预警",
        "Codes and chips that do not verify, by terminal and day, that raise an alert",
    ),
    CASE_DAYS: Setting(
        7,
        1,
        90,
        "风险个案应在多少天内办结",
        "Days in which a case is to be closed",
    ),
}


def require_setting(name: str, value: int) -> Setting:
    """The setting of a name. Raises NotFoundError: none; InvalidInputError: out of bounds."""
    setting = SETTINGS.get(name)
    if setting is None:
        raise NotFoundError("unknown_setting", zh="没有这项设置。", en="There is no such setting.")
    if not setting.lowest <= value <= setting.highest:
        raise InvalidInputError("value", f"must be {setting.lowest}…{setting.highest}")
    return setting
