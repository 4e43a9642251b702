"""Whether a request is the merchant's: its Authorization header, as the true gateway reads it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from simulators.wechat_pay.errors import PayError
from simulators.wechat_pay.keys import SCHEME, Merchant, Platform

CLOCK_SECONDS: Final = 300
SHOWN_LENGTH: Final = 120
"""How much of what was signed an error shows."""
PARTS: Final = frozenset({"mchid", "nonce_str", "signature", "timestamp", "serial_no"})
_PART: Final = re.compile(r'\s*(\w+)="([^"]*)"\s*')


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: the target is path?query, byte for byte."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def check(asked: Asked, merchants: Mapping[str, Merchant], now: float) -> Merchant:
    """The merchant who signed it. Raises PayError SIGN_ERROR saying why he did not."""
    parts = _authorization(asked.headers.get("authorization", ""))
    if not re.fullmatch(r"\d{1,12}", parts["timestamp"]) or (
        abs(now - int(parts["timestamp"])) > CLOCK_SECONDS
    ):
        raise PayError(
            "SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"
        )
    merchant = merchants.get(parts["mchid"])
    if merchant is None or merchant.serial != parts["serial_no"].upper():
        raise PayError("SIGN_ERROR", "商户证书序列号有误。请使用签名私钥匹配的证书序列号")
    message = (
        f"{asked.method}\n{asked.target}\n{parts['timestamp']}\n{parts['nonce_str']}\n".encode()
        + asked.body
        + b"\n"
    )
    if not verifies(merchant.public_key, parts["signature"], message):
        raise _not_matching(asked, message)
    return merchant


def require_headers(asked: Asked, platform: Platform) -> str:
    """The key an answer is wanted under, "" for any. Raises PayError."""
    if not asked.headers.get("user-agent") or not asked.headers.get("accept"):
        raise PayError("INVALID_REQUEST", "Http头缺少Accept或User-Agent")
    kind = asked.headers.get("content-type", "").partition(";")[0]
    if asked.body and kind != "application/json":
        raise PayError("INVALID_REQUEST", "Http头Content-Type应为application/json")
    wanted = asked.headers.get("wechatpay-serial", "")
    if wanted and wanted not in platform.ids:
        raise PayError("PARAM_ERROR", "平台证书序列号Wechatpay-Serial错误")
    return wanted


def verifies(key: rsa.RSAPublicKey, signature: str, message: bytes) -> bool:
    """Whether the base64 signature is this key's over the message."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def _authorization(header: str) -> dict[str, str]:
    scheme, _, rest = header.partition(" ")
    if not rest:
        raise PayError("SIGN_ERROR", "Http头Authorization值格式错误")
    if scheme != SCHEME:
        raise PayError("SIGN_ERROR", "Http头Authorization认证类型不正确")
    parts: dict[str, str] = {}
    for piece in rest.split(","):
        match = _PART.fullmatch(piece)
        if match is None or match[1] in parts:
            raise PayError("SIGN_ERROR", "Http头Authorization值格式错误")
        parts[match[1]] = match[2]
    if parts.keys() != PARTS:
        raise PayError("SIGN_ERROR", "Http头Authorization值格式错误")
    return parts


def _not_matching(asked: Asked, message: bytes) -> PayError:
    detail = {
        "detail": {"issue": "sign not match"},
        "field": "signature",
        "location": "authorization",
        "sign_information": {
            "method": asked.method,
            "sign_message_length": len(message),
            "truncated_sign_message": message.decode(errors="replace")[:SHOWN_LENGTH],
            "url": asked.target,
        },
    }
    return PayError("SIGN_ERROR", detail=detail)
