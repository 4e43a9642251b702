"""A request's JSON, read as strictly as the true gateway does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from simulators.wechat_pay.errors import PayError, wrong

NUMBER: Final = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
AMOUNT_MAX: Final = 10**10
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Body:
    """One JSON object; `path` names it in errors."""

    values: Mapping[str, Any]
    path: str = ""

    @classmethod
    def of(cls, raw: bytes) -> Body:
        """Parse. Raises PayError."""
        try:
            values = json.loads(raw)
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise PayError("PARAM_ERROR", "请求体不是合法的JSON")
        return cls(values)

    def text(self, name: str, length_max: int, *, is_needed: bool = True) -> str:
        """A text of so many characters at most."""
        value = self.values.get(name)
        if value is None and not is_needed:
            return ""
        if not isinstance(value, str) or (is_needed and not value):
            raise wrong(self.path + name, "此字段为必填项")
        if len(value) > length_max:
            raise wrong(self.path + name, f"字符串最大长度为{length_max}")
        return value

    def number(self, name: str) -> str:
        """A number of the merchant's own."""
        value = self.text(name, 32)
        if not NUMBER.fullmatch(value):
            raise wrong(self.path + name, "只能是6到32位的数字、大小写字母_-|*")
        return value

    def fen(self, name: str) -> int:
        """An amount of at least one fen."""
        value = self.values.get(name)
        if type(value) is not int or not 1 <= value <= AMOUNT_MAX:
            raise wrong(self.path + name, "应为正整数")
        return value

    def inner(self, name: str) -> Body:
        """An object within."""
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise wrong(self.path + name, "此字段为必填项")
        return Body(value, f"{self.path}{name}/")

    def currency(self) -> None:
        """CNY, or nothing."""
        if self.values.get("currency", "CNY") != "CNY":
            raise wrong(f"{self.path}currency", "仅支持CNY")

    def notify_url(self, *, is_needed: bool = True) -> str:
        """An https address without a query; or, as the true one would not, http to this machine."""
        url = self.text("notify_url", 255, is_needed=is_needed)
        if not url:
            return ""
        parts = urlsplit(url)
        is_here = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not (parts.scheme == "https" or is_here) or parts.query or parts.fragment:
            raise wrong("notify_url", "必须为https且不能携带参数")
        return url

    def time(self, name: str) -> float | None:
        """A time with its zone, or None."""
        text = self.text(name, 64, is_needed=False)
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise wrong(name, "应为rfc3339格式") from None
        if at.tzinfo is None:
            raise wrong(name, "应为rfc3339格式")
        return at.timestamp()
