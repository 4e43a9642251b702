"""
The device's own keys: made here, never sent anywhere.

`device.keys` holds the Ed25519 signing key and the X25519 sealing key, mode 0600. Everything secret
that the server sends is sealed to the X25519 key and is kept on disk exactly as it came, so the
key file is the only secret in the home folder. Said honestly: a copy of the other files is
worthless without it, but whoever copies the whole disk holds the terminal keys of three epochs.
An encrypted disk or a TPM is what helps against that; revoking the terminal and rotating the
epoch is the answer once it has happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from qr_terminals.disk import read_private, write_whole
from qr_terminals.errors import KeyFileError

KEY_FILE = "device.keys"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """Both private keys; a repr never shows them."""

    signing: Ed25519PrivateKey = field(repr=False)
    sealing: X25519PrivateKey = field(repr=False)

    @property
    def signing_public(self) -> bytes:
        """The 32 raw bytes the server knows this device by."""
        return self.signing.public_key().public_bytes_raw()

    @property
    def sealing_public(self) -> bytes:
        """The 32 raw bytes the server seals to."""
        return self.sealing.public_key().public_bytes_raw()

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose on this device only."""
        info = b"qr-terminals/" + purpose.encode("ascii")
        return HKDF(SHA256(), KEY_BYTES, None, info).derive(self.signing.private_bytes_raw())


def make_keys(home: Path) -> DeviceKeys:
    """Make and keep the device's keys; keys that exist already are used, never overwritten."""
    path = home / KEY_FILE
    if path.exists():
        return load_keys(home)
    keys = DeviceKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    layout = {
        "signing": keys.signing.private_bytes_raw().hex(),
        "sealing": keys.sealing.private_bytes_raw().hex(),
    }
    write_whole(path, orjson.dumps(layout))
    return keys


def load_keys(home: Path) -> DeviceKeys:
    """The device's keys, else KeyFileError."""
    path = home / KEY_FILE
    try:
        raw = read_private(path)
    except FileNotFoundError as error:
        raise KeyFileError(
            f"{path} 不存在，请先登记终端（enrol）。",
            f"{path} does not exist; enrol the device first.",
        ) from error
    try:
        layout = orjson.loads(raw)
        return DeviceKeys(
            Ed25519PrivateKey.from_private_bytes(bytes.fromhex(layout["signing"])),
            X25519PrivateKey.from_private_bytes(bytes.fromhex(layout["sealing"])),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise KeyFileError(
            f"{path} 已损坏；请重新登记终端。", f"{path} is damaged; enrol the device again."
        ) from error
