"""Keys of both sides: WeChat Pay's own two, and each merchant's."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
BITS: Final = 2048
CERTIFICATE_DAYS: Final = 5 * 365


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who may ask. `public_key` is what we believe his requests by."""

    mchid: str
    app_ids: tuple[str, ...]
    serial: str
    v3_key: bytes = field(repr=False)
    public_key: rsa.RSAPublicKey = field(repr=False)


@dataclass(slots=True)
class Platform:
    """WeChat Pay's keys: the public-key mode's, and the platform certificate's.

    `signs_with` is the id that answers and notices are signed under when nobody asks for another.
    """

    key_id: str
    key: rsa.RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate = field(repr=False)
    certificate_key: rsa.RSAPrivateKey = field(repr=False)
    signs_with: str = ""

    def __post_init__(self) -> None:
        self.signs_with = self.signs_with or self.key_id

    @property
    def serial(self) -> str:
        """The certificate's serial number, as headers write it."""
        return f"{self.certificate.serial_number:X}"

    @property
    def ids(self) -> tuple[str, str]:
        """Both ids one may ask for."""
        return self.key_id, self.serial

    def headers(self, body: bytes, at: float, nonce: str, key_id: str = "") -> dict[str, str]:
        """The five headers under an answer or a notice."""
        chosen = key_id or self.signs_with
        key = self.certificate_key if chosen == self.serial else self.key
        message = f"{int(at)}\n{nonce}\n".encode() + body + b"\n"
        return {
            "Wechatpay-Timestamp": str(int(at)),
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": chosen,
            "Wechatpay-Signature": sign(key, message),
            "Wechatpay-Signature-Type": SCHEME,
        }


def sign(key: rsa.RSAPrivateKey, message: bytes) -> str:
    """SHA256-RSA, as base64."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def encrypt(v3_key: bytes, plain: bytes, nonce: str, associated: str) -> str:
    """AEAD_AES_256_GCM, as base64."""
    sealed = AESGCM(v3_key).encrypt(nonce.encode(), plain, associated.encode())
    return base64.b64encode(sealed).decode()


def new_key() -> rsa.RSAPrivateKey:
    """A key as merchants and WeChat Pay have them."""
    return rsa.generate_private_key(65537, BITS)


def new_platform(randomness: Callable[[int], bytes], now: float) -> Platform:
    """Both keys of WeChat Pay's, and a certificate that is as good as a platform's."""
    certificate_key = new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated Tenpay Root CA")])
    start = datetime.fromtimestamp(now, UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(certificate_key.public_key())
        .serial_number(int.from_bytes(b"\x5a" + randomness(18), "big"))
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=CERTIFICATE_DAYS))
        .sign(certificate_key, hashes.SHA256())
    )
    key_id = f"PUB_KEY_ID_01{int.from_bytes(randomness(13), 'big') % 10**30:030d}"
    return Platform(key_id, new_key(), certificate, certificate_key)


def private_pem(key: rsa.RSAPrivateKey) -> bytes:
    """PKCS8, as `apiclient_key.pem` is."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public_pem(key: rsa.RSAPublicKey) -> bytes:
    """As `pub_key.pem` is."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where the merchant's side finds what a merchant is given."""

    merchant_key: Path
    v3_key: Path
    platform_public_key: Path
    platform_certificate: Path


def write_files(
    folder: Path, merchant_key: rsa.RSAPrivateKey, v3_key: bytes, platform: Platform
) -> KeyFiles:
    """Write what the merchant gets; the two secrets for their owner alone."""
    files = KeyFiles(
        folder / "apiclient_key.pem",
        folder / "apiv3.key",
        folder / "pub_key.pem",
        folder / "wechatpay_cert.pem",
    )
    for path, secret in ((files.merchant_key, private_pem(merchant_key)), (files.v3_key, v3_key)):
        path.touch(mode=0o600)
        path.write_bytes(secret)
    files.platform_public_key.write_bytes(public_pem(platform.key.public_key()))
    files.platform_certificate.write_bytes(
        platform.certificate.public_bytes(serialization.Encoding.PEM)
    )
    return files
