"""The merchant's account at WeChat Pay: which files hold its keys, and whose signatures count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAY_URL: Final = "https://api.mch.weixin.qq.com"
PAY_STANDBY_URL: Final = "https://api2.mch.weixin.qq.com"
PAYMENT_NOTICES: Final = "/webhooks/wechat-pay/payments"
REFUND_NOTICES: Final = "/webhooks/wechat-pay/refunds"
PUBLIC_KEY_PREFIX: Final = "PUB_KEY_ID_"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_MCHID: Final = re.compile(r"[0-9]{8,12}")
_SERIAL: Final = re.compile(r"[0-9A-F]{16,64}")
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:]+\]|[A-Za-z0-9.\-]+)(:[0-9]{1,5})?"
    r"(?P<path>/[!-~]*)?"
)
_KEY_ID: Final = re.compile(rf"{PUBLIC_KEY_PREFIX}[0-9A-Za-z]{{8,64}}|[0-9A-F]{{16,64}}")


class SettingError(Exception):
    """A setting is wrong; the sentence begins with the variable's name."""


@dataclass(frozen=True, slots=True)
class WechatPayAccount:
    """Every setting of the gateway. The secrets are in `key_file` and `v3_key_file`.

    `platform_files`: whose signatures are believed, as (id, PEM file): `PUB_KEY_ID_…` with a
    public key, or a serial number with a platform certificate; both while a merchant changes from
    one to the other. The first public key is the one answers are asked to be signed with.
    `urls`: the usual address, then the standby one.
    """

    mchid: str
    app_id: str
    serial: str
    key_file: Path
    v3_key_file: Path
    platform_files: tuple[tuple[str, Path], ...]
    payment_notify_url: str
    refund_notify_url: str
    urls: tuple[str, ...] = (PAY_URL, PAY_STANDBY_URL)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> WechatPayAccount | None:
        """Read XIAOMA_PAY_*; None for a school without a merchant number. Raises SettingError."""
        mchid = environment.get("XIAOMA_PAY_MCHID", "")
        if not mchid:
            return None
        base = environment.get("XIAOMA_PAY_NOTIFY_URL") or _needed(environment, "XIAOMA_PUBLIC_URL")
        base = base.rstrip("/")
        urls = environment.get("XIAOMA_PAY_URLS", f"{PAY_URL},{PAY_STANDBY_URL}").split(",")
        account = cls(
            mchid=mchid,
            app_id=_needed(environment, "XIAOMA_WECHAT_APP_ID"),
            serial=_needed(environment, "XIAOMA_PAY_SERIAL").upper(),
            key_file=Path(_needed(environment, "XIAOMA_PAY_KEY_FILE")),
            v3_key_file=Path(_needed(environment, "XIAOMA_PAY_V3_KEY_FILE")),
            platform_files=_platform(_needed(environment, "XIAOMA_PAY_PLATFORM_KEYS")),
            payment_notify_url=base + PAYMENT_NOTICES,
            refund_notify_url=base + REFUND_NOTICES,
            urls=tuple(url.strip().rstrip("/") for url in urls),
        )
        account.require_sound(is_production=environment.get("XIAOMA_MODE") == "production")
        return account

    def require_sound(self, *, is_production: bool) -> None:
        """Refuse settings that could not work, and in production all but the true addresses."""
        if not _MCHID.fullmatch(self.mchid):
            raise SettingError("XIAOMA_PAY_MCHID: 8 to 12 digits are wanted")
        if not _SERIAL.fullmatch(self.serial):
            raise SettingError("XIAOMA_PAY_SERIAL: the hexadecimal serial number is wanted")
        for url in self.urls:
            if _require_url("XIAOMA_PAY_URLS", url):
                raise SettingError("XIAOMA_PAY_URLS: addresses without a path are wanted")
        for url in (self.payment_notify_url, self.refund_notify_url):
            _require_url("XIAOMA_PAY_NOTIFY_URL", url)
            if "?" in url or "#" in url:
                raise SettingError("XIAOMA_PAY_NOTIFY_URL: must have no query")
        if is_production and not set(self.urls) <= {PAY_URL, PAY_STANDBY_URL}:
            raise SettingError(
                f"XIAOMA_PAY_URLS: must be {PAY_URL},{PAY_STANDBY_URL} in production"
            )


def _needed(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingError(f"{name}: must be set with XIAOMA_PAY_MCHID")
    return value


def _require_url(name: str, url: str) -> str:
    """The path behind the host, empty for none. Raises SettingError."""
    parts = _URL.fullmatch(url)
    if parts is None:
        raise SettingError(f"{name}: an address such as https://pay.example.edu.cn is wanted")
    if parts["scheme"] == "http" and parts["host"].strip("[]") not in LOOPBACK:
        raise SettingError(f"{name}: must begin with https:// (http:// on this machine only)")
    return parts["path"] or ""


def _platform(text: str) -> tuple[tuple[str, Path], ...]:
    files = []
    for part in text.split(","):
        key_id, _, path = part.strip().partition("=")
        if not path or not _KEY_ID.fullmatch(key_id):
            raise SettingError(
                "XIAOMA_PAY_PLATFORM_KEYS: PUB_KEY_ID_…=file or SERIAL=file, commas between them"
            )
        files.append((key_id, Path(path)))
    if len({key_id for key_id, _ in files}) != len(files):
        raise SettingError("XIAOMA_PAY_PLATFORM_KEYS: an id is there twice")
    return tuple(files)
