"""What WeChat knows and how it decides: codes, tokens, acceptances, messages. No HTTP in here."""

from __future__ import annotations

import base64
import hmac
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CODE_SECONDS: Final = 300
TOKEN_SECONDS: Final = 7200
TOKEN_OVERLAP_SECONDS: Final = 300
"""A token this close to its end is followed by a new one; the old one works on until its end."""
FORCED_REFRESHES_MAX: Final = 20
"""How often a day a token may be made anew by force."""
DAY_SECONDS: Final = 86_400
CODES_MAX: Final = 10_000
SHIPMENTS_MAX: Final = 2
"""A delivery is told once and may be corrected once."""
DESCRIPTION_LENGTH_MAX: Final = 120
UPLOAD_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)", re.ASCII)
"""RFC 3339 with milliseconds."""

ERRORS: Final = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40163: "code been used",
    41001: "access_token missing",
    41008: "missing code",
    42001: "access_token expired",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    47001: "data format error",
    47003: "argument invalid!",
    10060001: "支付单不存在",
    10060003: "支付单已使用重新发货机会",
    10060005: "物流类型有误",
    10060008: "商品描述 item_desc 字段不能为空",
    10060009: "商品描述 item_desc 字段太长",
    10060014: "参数错误",
    10060023: "发货信息未更新",
    10060031: "订单不属于 openid 所指定的用户",
    268485194: "订单单号类型非法",
    268485216: "上传时间非法，请按照 RFC 3339 格式填写",
    268485224: "发货模式非法",
}
PAYMENT_TEMPLATE: Final = "simulated-payment-template"
FREEZE_TEMPLATE: Final = "simulated-freeze-template"
TOP_UP_TEMPLATE: Final = "simulated-top-up-template"
LOW_TEMPLATE: Final = "simulated-low-template"
OVER_TEMPLATE: Final = "simulated-over-template"
REFUND_TEMPLATE: Final = "simulated-refund-template"
BENEFIT_TEMPLATE: Final = "simulated-benefit-template"
DISPUTE_TEMPLATE: Final = "simulated-dispute-template"
LOT_TEMPLATE: Final = "simulated-lot-template"
_MONEY: Final = ("thing1", "amount2", "time3")
TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    PAYMENT_TEMPLATE: _MONEY,
    FREEZE_TEMPLATE: ("thing1", "time2"),
    TOP_UP_TEMPLATE: _MONEY,
    LOW_TEMPLATE: _MONEY,
    OVER_TEMPLATE: _MONEY,
    REFUND_TEMPLATE: ("phrase1", "amount2", "time3", "thing4"),
    BENEFIT_TEMPLATE: _MONEY,
    DISPUTE_TEMPLATE: ("phrase1", "thing2", "time3"),
    LOT_TEMPLATE: _MONEY,
}
"""Template id → its keywords. A keyword's name says what its value must look like."""
TEMPLATE_SETTINGS: Final[Mapping[str, str]] = {
    f"XIAOMA_WECHAT_{name}_TEMPLATE": template_id
    for name, template_id in {
        "PAYMENT": PAYMENT_TEMPLATE,
        "FREEZE": FREEZE_TEMPLATE,
        "TOP_UP": TOP_UP_TEMPLATE,
        "LOW": LOW_TEMPLATE,
        "OVER": OVER_TEMPLATE,
        "REFUND": REFUND_TEMPLATE,
        "BENEFIT": BENEFIT_TEMPLATE,
        "DISPUTE": DISPUTE_TEMPLATE,
        "LOT": LOT_TEMPLATE,
    }.items()
}
"""What a server is told, to send them all."""
VALUES: Final = {
    "thing": re.compile(r".{1,20}", re.DOTALL),
    "amount": re.compile(r"[¥￥]?\d{1,10}(\.\d{1,2})?元?"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "time": re.compile(r"(\d{4}年\d{1,2}月\d{1,2}日 )?([01]?\d|2[0-3]):[0-5]\d"),
}
PHONE: Final = re.compile(r"(?:\+(\d{1,3}) )?(\d{5,14})")
"""What steers phone codes: `13800000000`, or `+852 51234567`."""


class PartnerError(Exception):
    """WeChat's own way of saying no: a number and some words."""

    def __init__(self, errcode: int, more: str = "") -> None:
        self.errcode = errcode
        self.errmsg = ERRORS[errcode] + more
        super().__init__(self.errmsg)


@dataclass(slots=True)
class _Code:
    subject: str
    expires_at: float
    is_used: bool = False


@dataclass(slots=True)
class _Token:
    text: str
    expires_at: float


@dataclass(slots=True)
class Partner:
    """One mini-program's account at WeChat. `clock` gives Unix seconds."""

    app_id: str
    secret: str
    clock: Callable[[], float]
    randomness: Callable[[int], bytes]
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(TEMPLATES))
    long_term: set[str] = field(default_factory=set)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    payments: dict[str, str] | None = None
    """Transaction id → who paid; None: every transaction is believed."""
    shipments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Transaction id → what was said of its delivery: once, and one correction."""
    _login_codes: dict[str, _Code] = field(default_factory=dict)
    _phone_codes: dict[str, _Code] = field(default_factory=dict)
    _openids: set[str] = field(default_factory=set)
    _acceptances: Counter[tuple[str, str]] = field(default_factory=Counter)
    _tokens: list[_Token] = field(default_factory=list)
    _forced_at: list[float] = field(default_factory=list)

    # ---------------------------------------------------------------------- what a phone does

    def login_code(self, openid: str) -> str:
        """What `wx.login` gives this account."""
        self._openids.add(openid)
        return self._new_code(self._login_codes, openid)

    def phone_code(self, phone: str) -> str:
        """What the phone-number button gives. ValueError when it is no phone number."""
        if not PHONE.fullmatch(phone):
            raise ValueError("phone: digits, or +CC digits")
        return self._new_code(self._phone_codes, phone)

    def accept(self, openid: str, template_id: str) -> None:
        """`wx.requestSubscribeMessage` was answered with yes: one message may be sent."""
        if template_id not in self.templates:
            raise ValueError("template_id: there is no such template")
        self._openids.add(openid)
        self._acceptances[openid, template_id] += 1

    def refuse(self, openid: str, template_id: str) -> None:
        """The holder of the account switched the messages off again."""
        self._acceptances.pop((openid, template_id), None)

    # ---------------------------------------------------------------------- what a server asks

    def stable_token(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The same token as long as it lives; a new one near its end, or by force."""
        if body.get("grant_type") != "client_credential":
            raise PartnerError(40002)
        self._require_account(body.get("appid"), body.get("secret"))
        now = self.clock()
        self._tokens = [token for token in self._tokens if token.expires_at > now]
        if body.get("force_refresh") is True:
            self._forced_at = [at for at in self._forced_at if at > now - DAY_SECONDS]
            if len(self._forced_at) >= FORCED_REFRESHES_MAX:
                raise PartnerError(45009)
            self._forced_at.append(now)
            self._tokens.clear()
        if not self._tokens or self._tokens[-1].expires_at <= now + TOKEN_OVERLAP_SECONDS:
            self._tokens.append(_Token(self._word(48), now + TOKEN_SECONDS))
        token = self._tokens[-1]
        return {"access_token": token.text, "expires_in": int(token.expires_at - now)}

    def code_to_session(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Who logged in: openid and session key, once per code."""
        self._require_account(query.get("appid"), query.get("secret"))
        if query.get("grant_type") != "authorization_code":
            raise PartnerError(40002)
        if not query.get("js_code"):
            raise PartnerError(41008)
        openid = self._redeem(self._login_codes, str(query["js_code"]))
        return {"session_key": base64.b64encode(self.randomness(16)).decode(), "openid": openid}

    def phone_number(self, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The phone number the account's owner let us know, once per code."""
        self._require_token(token)
        code = body.get("code")
        if not isinstance(code, str) or not code:
            raise PartnerError(41008)
        match = PHONE.fullmatch(self._redeem(self._phone_codes, code))
        if match is None:  # phone_code() let nothing else in
            raise PartnerError(-1)
        country, number = match[1] or "86", match[2]
        told = {
            "phoneNumber": number if country == "86" else f"{country}{number}",
            "purePhoneNumber": number,
            "countryCode": country,
            "watermark": {"timestamp": int(self.clock()), "appid": self.app_id},
        }
        return {"errcode": 0, "errmsg": "ok", "phone_info": told}

    def send(self, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One subscribe message: an acceptance is used up by it."""
        self._require_token(token)
        openid, template_id = body.get("touser"), body.get("template_id")
        if openid not in self._openids:
            raise PartnerError(40003)
        keywords = self.templates.get(str(template_id))
        if keywords is None:
            raise PartnerError(40037)
        self._require_values(keywords, body.get("data"))
        key = (str(openid), str(template_id))
        if self._acceptances[key] < 1:
            raise PartnerError(43101)
        if template_id not in self.long_term:
            self._acceptances[key] -= 1
        self.messages.append({**body, "at": int(self.clock())})
        return {"errcode": 0, "errmsg": "ok", "msgid": len(self.messages)}

    def upload_shipping(self, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """That an order was delivered: by its transaction id, virtually, in one piece."""
        self._require_token(token)
        transaction_id = self._shipped_order(body)
        said = self.shipments.get(transaction_id, [])
        if said and said[-1]["shipping_list"] == body["shipping_list"]:
            raise PartnerError(10060023)
        if len(said) >= SHIPMENTS_MAX:
            raise PartnerError(10060003)
        self.shipments[transaction_id] = [*said, dict(body)]
        return {"errcode": 0, "errmsg": "ok"}

    def shipped_order(self, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of an order: 1 waits for delivery, 2 delivered."""
        self._require_token(token)
        transaction_id = str(body.get("transaction_id", ""))
        if self.payments is not None and transaction_id not in self.payments:
            raise PartnerError(10060001)
        state = 2 if transaction_id in self.shipments else 1
        order = {"transaction_id": transaction_id, "order_state": state}
        return {"errcode": 0, "errmsg": "ok", "order": order}

    def forget_tokens(self) -> None:
        """Make every token invalid at once, as a forced refresh elsewhere would."""
        self._tokens.clear()

    # ---------------------------------------------------------------------- inside

    def _word(self, count: int) -> str:
        return base64.urlsafe_b64encode(self.randomness(count)).decode().rstrip("=")

    def _new_code(self, codes: dict[str, _Code], subject: str) -> str:
        code = self._word(24)
        codes[code] = _Code(subject, self.clock() + CODE_SECONDS)
        if len(codes) > CODES_MAX:
            codes.pop(next(iter(codes)))
        return code

    def _redeem(self, codes: dict[str, _Code], text: str) -> str:
        code = codes.get(text)
        if code is None or self.clock() >= code.expires_at:
            raise PartnerError(40029)
        if code.is_used:
            raise PartnerError(40163)
        code.is_used = True
        return code.subject

    def _shipped_order(self, body: Mapping[str, Any]) -> str:
        """The transaction of a delivery, every field of which must be there. PartnerError."""
        key, payer, goods = body.get("order_key"), body.get("payer"), body.get("shipping_list")
        if not isinstance(key, dict) or not isinstance(payer, dict) or not isinstance(goods, list):
            raise PartnerError(10060014)
        if key.get("order_number_type") != 2:
            raise PartnerError(268485194)
        if body.get("logistics_type") != 3:
            raise PartnerError(10060005)
        if body.get("delivery_mode") != 1 or len(goods) != 1:
            raise PartnerError(268485224)
        described = goods[0].get("item_desc") if isinstance(goods[0], dict) else None
        if not isinstance(described, str) or not described:
            raise PartnerError(10060008)
        if len(described) > DESCRIPTION_LENGTH_MAX:
            raise PartnerError(10060009)
        if not UPLOAD_TIME.fullmatch(str(body.get("upload_time"))):
            raise PartnerError(268485216)
        transaction_id, openid = str(key.get("transaction_id", "")), payer.get("openid")
        if not transaction_id or (
            self.payments is not None and transaction_id not in self.payments
        ):
            raise PartnerError(10060001)
        if self.payments is not None and self.payments[transaction_id] != openid:
            raise PartnerError(10060031)
        return transaction_id

    def _require_account(self, app_id: object, secret: object) -> None:
        if app_id != self.app_id:
            raise PartnerError(40013)
        if not hmac.compare_digest(str(secret).encode(), self.secret.encode()):
            raise PartnerError(40125)

    def _require_token(self, text: str) -> None:
        if not text:
            raise PartnerError(41001)
        token = next((token for token in self._tokens if token.text == text), None)
        if token is None:
            raise PartnerError(40001)
        if token.expires_at <= self.clock():
            raise PartnerError(42001)

    def _require_values(self, keywords: tuple[str, ...], data: object) -> None:
        if not isinstance(data, dict):
            raise PartnerError(47001)
        for keyword in keywords:
            given = data.get(keyword)
            value = given.get("value") if isinstance(given, dict) else None
            if not isinstance(value, str) or not value:
                raise PartnerError(47003, f" data.{keyword}.value is empty")
            if not VALUES[keyword.rstrip("0123456789")].fullmatch(value):
                raise PartnerError(47003, f" data.{keyword}.value invalid")
        if extra := sorted(set(data) - set(keywords)):
            raise PartnerError(47003, f" data.{extra[0]} is not in the template")
