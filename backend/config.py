"""One frozen Config, read once by the roots from the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from backend.domain.letter_accounts import MailAccount, SmsAccount
from backend.domain.message import Channel, Template
from backend.domain.top_up import TOP_UP_FEN_MAX
from backend.domain.wechat_pay_account import SettingError, WechatPayAccount
from backend.tables.database import DatabaseUrl, DatabaseUrlError

Mode = Literal["demo", "production"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

WORKERS_MAX = 64
OFFICE = Path(__file__).resolve().parents[1] / "admin_web" / "dist"
WECHAT_URL = "https://api.weixin.qq.com"


class ConfigError(Exception):
    """A setting is wrong; the sentence begins with the variable's name."""


@dataclass(frozen=True, slots=True)
class WechatConfig:
    """The mini-program's account at WeChat. Its secret is in `secret_file`.

    `template_ids` are those of the messages the account chose from WeChat's library, what is not
    there is not sent; `long_term` those of them that are agreed to once for all.
    """

    app_id: str
    secret_file: Path
    url: str = WECHAT_URL
    template_ids: Mapping[Template, str] = field(default_factory=dict)
    long_term: frozenset[Template] = frozenset()


@dataclass(frozen=True, slots=True)
class PreviewConfig:
    """The mini-program built for browsers, and its demo people. Never in production."""

    folder: Path
    personas: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of server and worker. Secrets are not here: they are in files of their own.

    `wechat` is None for a school without a mini-program, `pay` for one without a merchant number;
    `top_up_fen_max` is the most one top-up may be, and `ships` whether WeChat wants to be told that
    the money was credited (its order-shipping management). `mail` and `sms` are None for a school
    that sends no letters. `redis` is empty for the in-process bus.
    `trusted_proxies` are the only senders whose X-Forwarded-For is believed. `office` is the folder
    of the office's web as it was built, None for a server that gives out none.
    """

    mode: Mode
    database: DatabaseUrl
    redis: str
    key_file: Path
    host: str
    port: int
    workers: int
    public_url: str
    school: str
    trusted_proxies: tuple[Network, ...] = ()
    wechat: WechatConfig | None = None
    pay: WechatPayAccount | None = None
    top_up_fen_max: int = TOP_UP_FEN_MAX
    ships: bool = False
    mail: MailAccount | None = None
    sms: SmsAccount | None = None
    preview: PreviewConfig | None = None
    office: Path | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Config:
        """Read XIAOMA_* variables. Raises ConfigError naming the variable and what is wrong."""
        host = environment.get("XIAOMA_HOST", "127.0.0.1")
        port = _number(environment, "XIAOMA_PORT", 8700, 1, 65535)
        mail, sms = _letters(environment)
        config = cls(
            mode=_mode(environment.get("XIAOMA_MODE", "demo")),
            database=_database(environment.get("XIAOMA_DATABASE", "sqlite://var/xiaoma.sqlite3")),
            redis=environment.get("XIAOMA_REDIS", ""),
            key_file=Path(environment.get("XIAOMA_KEY_FILE", "var/server.keys")),
            host=host,
            port=port,
            workers=_number(environment, "XIAOMA_WORKERS", 1, 1, WORKERS_MAX),
            public_url=environment.get("XIAOMA_PUBLIC_URL", f"http://{host}:{port}").rstrip("/"),
            school=environment.get("XIAOMA_SCHOOL", "校码演示大学"),
            trusted_proxies=_networks(environment.get("XIAOMA_TRUSTED_PROXIES", "")),
            wechat=_wechat(environment),
            pay=_pay(environment),
            top_up_fen_max=_number(
                environment, "XIAOMA_TOP_UP_FEN_MAX", TOP_UP_FEN_MAX, 1, TOP_UP_FEN_MAX
            ),
            ships=_switch(environment, "XIAOMA_WECHAT_SHIPPING"),
            mail=mail,
            sms=sms,
            preview=_preview(environment),
            office=_office(environment),
        )
        config.require_sound()
        return config

    @property
    def letter_channels(self) -> tuple[Channel, ...]:
        """The ways letters can go, in the order they are tried."""
        ways = {Channel.SMS: self.sms, Channel.MAIL: self.mail}
        return tuple(channel for channel, account in ways.items() if account is not None)

    def require_sound(self) -> None:
        """Refuse settings that contradict each other."""
        if self.redis and not self.redis.startswith(("redis://", "rediss://", "unix://")):
            raise ConfigError("XIAOMA_REDIS: a URL such as redis://127.0.0.1:6379/0 is wanted")
        if not self.public_url.startswith(("http://", "https://")):
            raise ConfigError("XIAOMA_PUBLIC_URL: must begin with http:// or https://")
        if self.workers > 1 and self.database.engine == "sqlite":
            raise ConfigError(
                "XIAOMA_WORKERS: must be 1 with SQLite, it has one writer; use MariaDB for more"
            )
        if self.workers > 1 and not self.redis:
            raise ConfigError(
                "XIAOMA_WORKERS: more than 1 needs XIAOMA_REDIS, or a freeze reaches one of them"
            )
        if self.preview is not None:
            self._require_no_harm(self.preview)
        if self.mode == "production":
            if not self.redis:
                raise ConfigError("XIAOMA_REDIS: must be set in production")
            if not self.public_url.startswith("https://"):
                raise ConfigError("XIAOMA_PUBLIC_URL: must begin with https:// in production")
            if self.wechat is not None and self.wechat.url != WECHAT_URL:
                raise ConfigError(f"XIAOMA_WECHAT_URL: must be {WECHAT_URL} in production")

    def _require_no_harm(self, preview: PreviewConfig) -> None:
        if self.mode == "production":
            raise ConfigError("XIAOMA_PREVIEW: must not be set in production: it hands out logins")
        if not (preview.folder / "phone.html").is_file():
            raise ConfigError(f"XIAOMA_PREVIEW: no preview was built in {preview.folder}")


def _office(environment: Mapping[str, str]) -> Path | None:
    """The folder that was named, else the project's own build when there is one."""
    named = environment.get("XIAOMA_OFFICE", "")
    folder = Path(named) if named else OFFICE
    if (folder / "index.html").is_file():
        return folder
    if named:
        raise ConfigError(f"XIAOMA_OFFICE: the web was not built in {folder}")
    return None


def _mode(text: str) -> Mode:
    if text == "demo":
        return "demo"
    if text == "production":
        return "production"
    raise ConfigError(f"XIAOMA_MODE: must be demo or production, not {text!r}")


def _wechat(environment: Mapping[str, str]) -> WechatConfig | None:
    app_id = environment.get("XIAOMA_WECHAT_APP_ID", "")
    if not app_id:
        return None
    secret_file = environment.get("XIAOMA_WECHAT_SECRET_FILE", "")
    if not secret_file:
        raise ConfigError("XIAOMA_WECHAT_SECRET_FILE: must be set with XIAOMA_WECHAT_APP_ID")
    url = environment.get("XIAOMA_WECHAT_URL", WECHAT_URL).rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ConfigError("XIAOMA_WECHAT_URL: must begin with http:// or https://")
    named = {one: environment.get(f"XIAOMA_WECHAT_{one.name}_TEMPLATE", "") for one in Template}
    ids = {one: template_id for one, template_id in named.items() if template_id}
    return WechatConfig(
        app_id=app_id,
        secret_file=Path(secret_file),
        url=url,
        template_ids=ids,
        long_term=_long_term(environment, ids),
    )


def _long_term(environment: Mapping[str, str], ids: Mapping[Template, str]) -> frozenset[Template]:
    text = environment.get("XIAOMA_WECHAT_LONG_TERM", "")
    words = {word.strip() for word in text.split(",") if word.strip()}
    if strangers := words - set(ids):
        raise ConfigError(
            f"XIAOMA_WECHAT_LONG_TERM: no template is set for {', '.join(sorted(strangers))}"
        )
    return frozenset(Template(word) for word in words)


def _letters(environment: Mapping[str, str]) -> tuple[MailAccount | None, SmsAccount | None]:
    try:
        return MailAccount.read(environment), SmsAccount.read(environment)
    except SettingError as error:
        raise ConfigError(str(error)) from error


def _pay(environment: Mapping[str, str]) -> WechatPayAccount | None:
    try:
        return WechatPayAccount.read(environment)
    except SettingError as error:
        raise ConfigError(str(error)) from error


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name, "")
    if text not in {"", "0", "1"}:
        raise ConfigError(f"{name}: must be 0 or 1, not {text!r}")
    return text == "1"


def _preview(environment: Mapping[str, str]) -> PreviewConfig | None:
    folder = environment.get("XIAOMA_PREVIEW", "")
    personas = environment.get("XIAOMA_PERSONAS", "")
    if personas and not folder:
        raise ConfigError("XIAOMA_PERSONAS: is for the preview, but XIAOMA_PREVIEW is not set")
    if not folder:
        return None
    return PreviewConfig(Path(folder), Path(personas) if personas else None)


def _number(environment: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environment.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ConfigError(f"{name}: must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _database(text: str) -> DatabaseUrl:
    try:
        return DatabaseUrl.parse(text)
    except DatabaseUrlError as error:
        raise ConfigError(f"XIAOMA_DATABASE: {error}") from error


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ConfigError(f"XIAOMA_TRUSTED_PROXIES: {error}") from error
