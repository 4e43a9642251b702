"""What WeChat can answer that somebody must be told, and how phone numbers are written.

UnavailableError
├── WechatOffError         the school has no mini-program account
├── WechatAwayError        it did not answer, or is busy: worth trying again
└── WechatFaultError       it refused for a reason that is ours or unknown: `errcode`
UnauthenticatedError
└── WrongWechatCodeError   the login or phone code is wrong, used or expired
ForbiddenError
├── WechatBlockedError     WeChat does not let this account log in
└── MessageRefusedError    the account's owner no longer wants the message
"""

from __future__ import annotations

import re
from typing import Final

from backend.domain.errors import (
    ForbiddenError,
    InvalidInputError,
    UnauthenticatedError,
    UnavailableError,
)

OPENID_LENGTH_MAX: Final = 128
OPENID_CONTEXT: Final = "wechat-openid"
"""Under which context an openid is sealed."""
PHONE_CONTEXT: Final = "contact-phone"
"""Under which context a phone number is hashed."""
PHONE_LENGTH_MAX: Final = 24
TAIL_DIGITS: Final = 4
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_INTERNATIONAL: Final = re.compile(r"\+[1-9]\d{6,14}")


class WechatOffError(UnavailableError):
    """No app id is configured."""

    def __init__(self) -> None:
        super().__init__(
            "wechat_off",
            zh="学校尚未开通微信登录，请使用绑定码。",
            en="The school has no WeChat login yet; please use the binding code.",
        )


class WechatAwayError(UnavailableError):
    """No answer, a broken one, or "busy". `how` is one word and never an address."""

    def __init__(self, how: str) -> None:
        super().__init__(
            "wechat_away",
            zh="微信暂时没有回应，请稍后再试。",
            en="WeChat does not answer at the moment; please try again.",
            how=how,
        )


class WechatFaultError(UnavailableError):
    """A number nobody planned for. `is_lasting`: the same call would be refused again."""

    def __init__(self, errcode: int, *, is_lasting: bool = False) -> None:
        super().__init__(
            "wechat_fault",
            zh=f"微信拒绝了请求（{errcode}），请联系卡务中心。",
            en=f"WeChat refused the request ({errcode}); please tell the card office.",
            errcode=errcode,
        )
        self.errcode = errcode
        self.is_lasting = is_lasting


class WrongWechatCodeError(UnauthenticatedError):
    """A code that WeChat does not know, that was used, or that is over five minutes old."""

    def __init__(self) -> None:
        super().__init__(
            "wrong_wechat_code",
            zh="微信登录已过期，请重新打开小程序。",
            en="The WeChat login has expired; please open the mini-program again.",
        )


class WechatBlockedError(ForbiddenError):
    """WeChat holds the account for dangerous."""

    def __init__(self) -> None:
        super().__init__(
            "wechat_blocked",
            zh="该微信号被限制登录。",
            en="WeChat does not let this account log in.",
        )


class MessageRefusedError(ForbiddenError):
    """43101: there is no acceptance left, whatever we believed."""

    def __init__(self) -> None:
        super().__init__(
            "message_refused",
            zh="用户未订阅该消息。",
            en="The message is not wanted.",
        )


def read_phone(text: str) -> str:
    """A phone number as it is compared: +, country, number. Raises InvalidInputError.

    Eleven digits that begin like a mobile number are Chinese.
    """
    plain = re.sub(r"[\s\-()]", "", text)
    if _MOBILE.fullmatch(plain):
        return f"+86{plain}"
    if not _INTERNATIONAL.fullmatch(plain):
        raise InvalidInputError(
            "phone",
            "11 digits of a mobile number, or + with country and number",
            zh="手机号应为 11 位，境外号码以 + 和国家代码开头",
        )
    return plain
