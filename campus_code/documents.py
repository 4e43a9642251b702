"""
Signed documents: what server and terminals send each other and must be able to trust later.

    b"XMD1" | kind u8 | version u64 | issued_at u64 | signer 8 bytes | length u32 | payload
    | Ed25519 signature (64 bytes) over all bytes before it

Numbers are big-endian. `signer` is the first 8 bytes of SHA-256 of the raw public key.
"""

from __future__ import annotations

import enum
import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from campus_code.errors import DocumentError, DocumentFault, ShapeError
from campus_code.limits import AT_MAX, VERSION_MAX, require_int

MAGIC: Final = b"XMD1"
SIGNATURE_BYTES: Final = 64
_HEAD = struct.Struct(">4sBQQ8sI")


class DocumentKind(enum.IntEnum):
    """What a document's payload holds."""

    DENYLIST = 1
    CARD_DIRECTORY = 2
    RULES = 3
    RECORD_SET = 4
    KEYRING = 5
    SETTLEMENT = 6
    LIMITS = 7
    DOORS = 8
    CHIPS = 9


DENYLIST_BYTES_MAX: Final = 3_000_000
CARD_DIRECTORY_BYTES_MAX: Final = 2_500_000
RULES_BYTES_MAX: Final = 262_144
RECORD_SET_BYTES_MAX: Final = 524_288
KEYRING_BYTES_MAX: Final = 16_384
SETTLEMENT_BYTES_MAX: Final = 1_048_576
LIMITS_BYTES_MAX: Final = 2_000_000
DOORS_BYTES_MAX: Final = 2_500_000
CHIPS_BYTES_MAX: Final = 3_300_000

PAYLOAD_BYTES_MAX: Final[Mapping[DocumentKind, int]] = {
    DocumentKind.DENYLIST: DENYLIST_BYTES_MAX,
    DocumentKind.CARD_DIRECTORY: CARD_DIRECTORY_BYTES_MAX,
    DocumentKind.RULES: RULES_BYTES_MAX,
    DocumentKind.RECORD_SET: RECORD_SET_BYTES_MAX,
    DocumentKind.KEYRING: KEYRING_BYTES_MAX,
    DocumentKind.SETTLEMENT: SETTLEMENT_BYTES_MAX,
    DocumentKind.LIMITS: LIMITS_BYTES_MAX,
    DocumentKind.DOORS: DOORS_BYTES_MAX,
    DocumentKind.CHIPS: CHIPS_BYTES_MAX,
}


@dataclass(frozen=True, slots=True)
class Document:
    """An opened document: its signature was right. `issued_at` is Unix seconds."""

    kind: DocumentKind
    version: int
    issued_at: int
    payload: bytes


def key_id(key: Ed25519PublicKey) -> bytes:
    """The 8 bytes by which a document names its signer."""
    return hashlib.sha256(key.public_bytes_raw()).digest()[:8]


def sign_document(
    kind: DocumentKind, version: int, issued_at: int, payload: bytes, key: Ed25519PrivateKey
) -> bytes:
    """The document's bytes; ShapeError when the payload is over its kind's limit."""
    require_int("version", version, 1, VERSION_MAX)
    require_int("issued_at", issued_at, 0, AT_MAX)
    if len(payload) > PAYLOAD_BYTES_MAX[kind]:
        raise ShapeError(f"payload: at most {PAYLOAD_BYTES_MAX[kind]} bytes, not {len(payload)}")
    signer = key_id(key.public_key())
    head = _HEAD.pack(MAGIC, kind, version, issued_at, signer, len(payload))
    return head + payload + key.sign(head + payload)


def open_document(
    raw: bytes,
    kind: DocumentKind,
    keys: Ed25519PublicKey | Mapping[bytes, Ed25519PublicKey],
    newer_than: int | None = None,
) -> Document:
    """
    Check and open a document of the wanted kind, signed by one of `keys` (by `key_id`).

    `newer_than` is the version held: an equal or older one is stale. Raises DocumentError; nothing
    of a refused document is to be used.
    """
    found, version, issued_at, signer, payload = _take_apart(raw, kind)
    known = {key_id(keys): keys} if isinstance(keys, Ed25519PublicKey) else keys
    public_key = known.get(signer)
    if public_key is None:
        raise DocumentError(DocumentFault.UNKNOWN_SIGNER, f"no key {signer.hex()} is held")
    try:
        public_key.verify(raw[-SIGNATURE_BYTES:], raw[:-SIGNATURE_BYTES])
    except InvalidSignature as error:
        raise DocumentError(DocumentFault.BAD_SIGNATURE, "the signature is wrong") from error
    if not 1 <= version <= VERSION_MAX or issued_at > AT_MAX:
        raise DocumentError(DocumentFault.MALFORMED, "version or time is out of bounds")
    if newer_than is not None and version <= newer_than:
        raise DocumentError(
            DocumentFault.STALE_VERSION, f"version {version} is not newer than {newer_than}"
        )
    return Document(found, version, issued_at, payload)


def require_next(version: int, base: int, held: int) -> None:
    """
    Whether a list of this version, holding everything (`base` 0) or the changes since version
    `base`, can follow the one held. DocumentError STALE_VERSION or WRONG_BASE: it can not.
    """
    if version <= held:
        raise DocumentError(DocumentFault.STALE_VERSION, f"version {version}, {held} is held")
    if base not in (0, held):
        raise DocumentError(DocumentFault.WRONG_BASE, f"changes since {base}, {held} is held")


def _take_apart(raw: bytes, kind: DocumentKind) -> tuple[DocumentKind, int, int, bytes, bytes]:
    limit = PAYLOAD_BYTES_MAX[kind]
    if len(raw) > _HEAD.size + limit + SIGNATURE_BYTES:
        raise DocumentError(DocumentFault.OVER_LIMIT, f"more than {limit} bytes of payload")
    if len(raw) < _HEAD.size + SIGNATURE_BYTES:
        raise DocumentError(DocumentFault.MALFORMED, "too short for a document")
    magic, found, version, issued_at, signer, length = _HEAD.unpack_from(raw)
    if magic != MAGIC:
        raise DocumentError(DocumentFault.MALFORMED, "does not begin with XMD1")
    if found != kind:
        raise DocumentError(DocumentFault.WRONG_KIND, f"kind {found}, not {kind.value}")
    if length != len(raw) - _HEAD.size - SIGNATURE_BYTES:
        raise DocumentError(DocumentFault.MALFORMED, "the length does not fit the bytes")
    return kind, version, issued_at, signer, bytes(raw[_HEAD.size : -SIGNATURE_BYTES])
