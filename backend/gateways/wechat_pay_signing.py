"""Signatures of API v3, both ways: ours under requests, WeChat Pay's under answers and notices.

Whose signature counts is configured and never fetched: a forged serial causes no call of ours.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from backend.domain.wechat_pay import PaySheet
from backend.domain.wechat_pay_account import PUBLIC_KEY_PREFIX, WechatPayAccount
from backend.gateways.vault import VaultError, read_private

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
PROBE: Final = "WECHATPAY/SIGNTEST/"
"""How the wrong signatures begin that WeChat Pay sends on purpose."""
CLOCK_SECONDS: Final = 300
"""How far a signed time may be from ours, either way."""
V3_KEY_BYTES: Final = 32
GCM_NONCE_BYTES: Final = 12
GCM_TAG_BYTES: Final = 16
RSA_BITS_MIN: Final = 2048
PEM_BYTES_MAX: Final = 16_384
NONCE_BYTES: Final = 16
_NONCE: Final = re.compile(r"[\x21-\x7e]{1,128}")
_DIGITS: Final = re.compile(r"[0-9]{1,12}")


class SignatureError(Exception):
    """A signature that does not count. `what`: timestamp, nonce, serial, probe or signature."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Signed:
    """What stands in the headers of something signed, each exactly once."""

    timestamp: str
    nonce: str
    signature: str
    serial: str


@dataclass(frozen=True, slots=True)
class PlatformKey:
    """A key of WeChat Pay's; a certificate counts from its first second to its last."""

    public_key: rsa.RSAPublicKey = field(repr=False)
    valid_from: float = 0.0
    valid_until: float = float("inf")


class Signer:
    """Signs with the merchant's private key, which does not leave this object."""

    def __init__(self, mchid: str, serial: str, private_key: rsa.RSAPrivateKey) -> None:
        self._mchid = mchid
        self._serial = serial
        self._key = private_key

    @classmethod
    def read(cls, account: WechatPayAccount) -> Signer:
        """Read the merchant's key. Raises VaultError: missing, open to others, or no RSA key."""
        try:
            key = load_pem_private_key(read_private(account.key_file), password=None)
        except (ValueError, TypeError):  # from None: the cause may quote the file
            raise VaultError(f"{account.key_file} holds no private key in PEM") from None
        if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < RSA_BITS_MIN:
            raise VaultError(f"{account.key_file}: an RSA key of {RSA_BITS_MIN} bits is wanted")
        return cls(account.mchid, account.serial, key)

    def authorization(self, method: str, target: str, body: bytes, at: int, nonce: str) -> str:
        """The header under which one request goes; `target` is path?query exactly as sent."""
        signature = self._sign(f"{method}\n{target}\n{at}\n{nonce}\n".encode() + body + b"\n")
        return (
            f'{SCHEME} mchid="{self._mchid}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{at}",serial_no="{self._serial}"'
        )

    def sheet(self, app_id: str, prepay_id: str, at: int, nonce: str) -> PaySheet:
        """What the mini-program opens the payment with."""
        package = f"prepay_id={prepay_id}"
        signature = self._sign(f"{app_id}\n{at}\n{nonce}\n{package}\n".encode())
        return PaySheet(app_id, str(at), nonce, package, signature)

    def _sign(self, message: bytes) -> str:
        signature = self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return base64.b64encode(signature).decode()


class Verifier:
    """Knows WeChat Pay's keys by their ids."""

    def __init__(self, keys: Mapping[str, PlatformKey]) -> None:
        self._keys = dict(keys)
        public = [key_id for key_id in keys if key_id.startswith(PUBLIC_KEY_PREFIX)]
        self.wanted_serial = public[0] if public else ""
        """The key we ask answers to be signed with; empty leaves it to WeChat Pay."""

    @classmethod
    def read(cls, account: WechatPayAccount) -> Verifier:
        """Read every configured key. Raises VaultError naming the file."""
        return cls({key_id: read_platform_key(key_id, path)
                    for key_id, path in account.platform_files})  # fmt: skip

    def verify(self, signed: Signed, body: bytes, now: float) -> None:
        """Whether the raw body was signed by WeChat Pay, lately. Raises SignatureError."""
        if not _DIGITS.fullmatch(signed.timestamp):
            raise SignatureError("timestamp")
        if abs(now - int(signed.timestamp)) > CLOCK_SECONDS:
            raise SignatureError("timestamp")
        if not _NONCE.fullmatch(signed.nonce):
            raise SignatureError("nonce")
        key = self._keys.get(signed.serial)
        if key is None or not key.valid_from <= now <= key.valid_until:
            raise SignatureError("serial")
        if signed.signature.startswith(PROBE):
            raise SignatureError("probe")
        message = f"{signed.timestamp}\n{signed.nonce}\n".encode() + body + b"\n"
        try:
            signature = base64.b64decode(signed.signature, validate=True)
            key.public_key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except (binascii.Error, ValueError, InvalidSignature):
            raise SignatureError("signature") from None


class Opener:
    """Opens what WeChat Pay encrypts with the merchant's APIv3 key."""

    def __init__(self, v3_key: bytes) -> None:
        if len(v3_key) != V3_KEY_BYTES:
            raise VaultError(f"the APIv3 key has {V3_KEY_BYTES} bytes")
        self._cipher = AESGCM(v3_key)

    @classmethod
    def read(cls, account: WechatPayAccount) -> Opener:
        """Read the APIv3 key. Raises VaultError."""
        raw = read_private(account.v3_key_file).strip()
        if len(raw) != V3_KEY_BYTES:
            raise VaultError(f"{account.v3_key_file}: the APIv3 key has {V3_KEY_BYTES} bytes")
        return cls(raw)

    def open(self, ciphertext: str, nonce: str, associated: str) -> bytes:
        """Decrypt a resource. Raises SignatureError("decryption"): changed, or another key's."""
        try:
            sealed = base64.b64decode(ciphertext, validate=True)
        except (binascii.Error, ValueError):
            raise SignatureError("decryption") from None
        if len(nonce.encode()) != GCM_NONCE_BYTES or len(sealed) < GCM_TAG_BYTES:
            raise SignatureError("decryption")
        try:
            return self._cipher.decrypt(nonce.encode(), sealed, associated.encode())
        except InvalidTag:
            raise SignatureError("decryption") from None


def read_platform_key(key_id: str, path: Path) -> PlatformKey:
    """A public key, or a certificate whose serial number is `key_id`. Raises VaultError."""
    try:
        raw = path.read_bytes()[:PEM_BYTES_MAX]
        if key_id.startswith(PUBLIC_KEY_PREFIX):
            return PlatformKey(_rsa(load_pem_public_key(raw), path))
        certificate = x509.load_pem_x509_certificate(raw)
    except OSError as error:
        raise VaultError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError:
        raise VaultError(f"{path} is not the PEM file of {key_id}") from None
    if f"{certificate.serial_number:X}" != key_id.lstrip("0"):
        raise VaultError(f"{path}: the certificate's serial number is not {key_id}")
    return PlatformKey(
        _rsa(certificate.public_key(), path),
        certificate.not_valid_before_utc.timestamp(),
        certificate.not_valid_after_utc.timestamp(),
    )


def _rsa(key: object, path: Path) -> rsa.RSAPublicKey:
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < RSA_BITS_MIN:
        raise VaultError(f"{path}: an RSA key of {RSA_BITS_MIN} bits is wanted")
    return key
