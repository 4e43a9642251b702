"""
Sealed boxes: bytes that one device alone can open (keyring, session key).

    ephemeral X25519 public key (32) | ChaCha20-Poly1305 of the plaintext

key = HKDF-SHA-256(ikm = X25519, salt = ephemeral | recipient public key,
info = "campus-code/box/" + context, 32 bytes); nonce = 12 zero bytes: a key seals once.
"""

from __future__ import annotations

import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from campus_code.chip_keys import ChipKeys, chip_keys_to_bytes, read_chip_keys
from campus_code.errors import DocumentError, DocumentFault, ShapeError
from campus_code.keys import KEYS_MAX, EpochKey, Keyring

PLAINTEXT_BYTES_MAX: Final = 65_536
_PUBLIC_BYTES: Final = 32
_TAG_BYTES: Final = 16
_NONCE: Final = bytes(12)
_KEYRING_LAYOUT: Final = 1
_KEYRING_LAYOUT_WITH_CHIPS: Final = 2
_KEYRING_HEAD = struct.Struct(">BB")
_KEYRING_ENTRY = struct.Struct(">IQQ32s")


def seal_to(
    public: X25519PublicKey,
    plaintext: bytes,
    context: bytes,
    ephemeral: X25519PrivateKey | None = None,
) -> bytes:
    """Seal bytes to a device's key; `context` must be told again to open. `ephemeral` for tests."""
    if len(plaintext) > PLAINTEXT_BYTES_MAX:
        raise ShapeError(f"plaintext: at most {PLAINTEXT_BYTES_MAX} bytes, not {len(plaintext)}")
    own = ephemeral or X25519PrivateKey.generate()
    own_public = own.public_key().public_bytes_raw()
    key = _box_key(own.exchange(public), own_public, public.public_bytes_raw(), context)
    return own_public + ChaCha20Poly1305(key).encrypt(_NONCE, plaintext, None)


def open_sealed(private: X25519PrivateKey, sealed: bytes, context: bytes) -> bytes:
    """Open what was sealed to this key with this context, else DocumentError BAD_SEAL."""
    if (
        not _PUBLIC_BYTES + _TAG_BYTES
        <= len(sealed)
        <= (_PUBLIC_BYTES + _TAG_BYTES + PLAINTEXT_BYTES_MAX)
    ):
        raise DocumentError(DocumentFault.BAD_SEAL, "the length is out of bounds")
    sender = sealed[:_PUBLIC_BYTES]
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
        key = _box_key(shared, sender, private.public_key().public_bytes_raw(), context)
        return ChaCha20Poly1305(key).decrypt(_NONCE, sealed[_PUBLIC_BYTES:], None)
    except (InvalidTag, ValueError) as error:  # ValueError: a public key of low order
        raise DocumentError(DocumentFault.BAD_SEAL, "not sealed to this key") from error


def _box_key(shared: bytes, sender: bytes, recipient: bytes, context: bytes) -> bytes:
    info = b"campus-code/box/" + context
    return HKDF(SHA256(), 32, sender + recipient, info).derive(shared)


def keyring_to_bytes(keyring: Keyring, chip_keys: ChipKeys | None = None) -> bytes:
    """
    Layout u8 (1) | count u8 | entries by falling epoch: epoch u32, from u64, until u64, key.

    With the keys of chips behind them, as `chip_keys_to_bytes` writes them, the layout is 2.
    """
    layout = _KEYRING_LAYOUT if chip_keys is None else _KEYRING_LAYOUT_WITH_CHIPS
    entries = b"".join(
        _KEYRING_ENTRY.pack(key.epoch, key.valid_from, key.valid_until, key.master)
        for key in keyring.keys
    )
    chips = b"" if chip_keys is None else chip_keys_to_bytes(chip_keys)
    return _KEYRING_HEAD.pack(layout, len(keyring.keys)) + entries + chips


def keyring_from_bytes(raw: bytes) -> Keyring:
    """Read the masters of what `keyring_to_bytes` wrote, else DocumentError MALFORMED."""
    return keys_from_bytes(raw)[0]


def keys_from_bytes(raw: bytes) -> tuple[Keyring, ChipKeys]:
    """Read all of what `keyring_to_bytes` wrote, else DocumentError MALFORMED."""
    if len(raw) < _KEYRING_HEAD.size:
        raise DocumentError(DocumentFault.MALFORMED, "too short for a keyring")
    layout, count = _KEYRING_HEAD.unpack_from(raw)
    if layout not in (_KEYRING_LAYOUT, _KEYRING_LAYOUT_WITH_CHIPS) or count > KEYS_MAX:
        raise DocumentError(DocumentFault.MALFORMED, "layout or count is out of bounds")
    ends = _KEYRING_HEAD.size + count * _KEYRING_ENTRY.size
    entries, rest = raw[_KEYRING_HEAD.size : ends], raw[ends:]
    if len(raw) < ends or (rest and layout == _KEYRING_LAYOUT):
        raise DocumentError(DocumentFault.MALFORMED, "the count does not fit the bytes")
    chip_keys = ChipKeys() if layout == _KEYRING_LAYOUT else read_chip_keys(rest)
    try:
        keys = tuple(EpochKey(*row) for row in _KEYRING_ENTRY.iter_unpack(entries))
        return Keyring(keys), chip_keys
    except ShapeError as error:
        raise DocumentError(DocumentFault.MALFORMED, str(error)) from error
