"""The school's mail server and SMS provider: where they are, which files hold the secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.domain.wechat_pay_account import LOOPBACK, SettingError

_MAIL_URL: Final = re.compile(
    r"(?P<scheme>smtp|smtps)://((?P<login>[^@/:\s]+(@[^@/:\s]+)?)@)?"
    r"(?P<host>\[[0-9a-f:]+\]|[A-Za-z0-9.\-]+)(:(?P<port>[0-9]{1,5}))?/?"
)
_SMS_URL: Final = re.compile(r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.\-]+)(:[0-9]{1,5})?/[!-~]*")
_PORTS: Final = {"smtp": 587, "smtps": 465}
_SENDER: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class MailAccount:
    """A mail server. `smtp` begins in the open and must go on with STARTTLS, `smtps` is TLS.

    Only on loopback may it stay in the open. `ca_file`: who vouches for the server, if not those
    the machine trusts.
    """

    host: str
    port: int
    is_tls_at_once: bool
    sender: str
    login: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> MailAccount | None:
        """Read XIAOMA_MAIL_*; None for a school without. Raises SettingError."""
        url = environment.get("XIAOMA_MAIL_URL", "")
        if not url:
            return None
        match = _MAIL_URL.fullmatch(url)
        if match is None or int(match["port"] or 0) > 65535:
            raise SettingError("XIAOMA_MAIL_URL: smtp://login@host:587 or smtps://… is wanted")
        sender = environment.get("XIAOMA_MAIL_SENDER", "")
        if not _SENDER.fullmatch(sender):
            raise SettingError("XIAOMA_MAIL_SENDER: the address letters come from is wanted")
        password_file = environment.get("XIAOMA_MAIL_PASSWORD_FILE", "")
        if match["login"] and not password_file:
            raise SettingError("XIAOMA_MAIL_PASSWORD_FILE: must be set, the URL names a login")
        ca_file = environment.get("XIAOMA_MAIL_CA_FILE", "")
        return cls(
            host=match["host"].strip("[]"),
            port=int(match["port"] or _PORTS[match["scheme"]]),
            is_tls_at_once=match["scheme"] == "smtps",
            sender=sender,
            login=match["login"] or "",
            password_file=Path(password_file) if match["login"] else None,
            ca_file=Path(ca_file) if ca_file else None,
        )

    @property
    def may_be_open(self) -> bool:
        """Whether a server without STARTTLS is taken: one on this machine only."""
        return self.host in LOOPBACK and not self.login


@dataclass(frozen=True, slots=True)
class SmsAccount:
    """An SMS provider, or the adapter in front of one: what is sent is signed with `key_file`."""

    url: str
    key_id: str
    key_file: Path

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> SmsAccount | None:
        """Read XIAOMA_SMS_*; None for a school without. Raises SettingError."""
        url = environment.get("XIAOMA_SMS_URL", "")
        if not url:
            return None
        match = _SMS_URL.fullmatch(url)
        if match is None or (match["scheme"] == "http" and match["host"] not in LOOPBACK):
            raise SettingError("XIAOMA_SMS_URL: https://host/path is wanted")
        key_id = environment.get("XIAOMA_SMS_KEY_ID", "")
        if not _KEY_ID.fullmatch(key_id):
            raise SettingError("XIAOMA_SMS_KEY_ID: 1…64 letters, digits, - and _ are wanted")
        key_file = environment.get("XIAOMA_SMS_KEY_FILE", "")
        if not key_file:
            raise SettingError("XIAOMA_SMS_KEY_FILE: must be set with XIAOMA_SMS_URL")
        return cls(url, key_id, Path(key_file))
