"""The server's keys in one private file."""

from __future__ import annotations

import base64
import hmac
import os
import stat
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from backend.usecases.ports import Randomness

MAGIC = b"xiaoma-keys-1\n"
KEY_BYTES = 32
NONCE_BYTES = 12
HASH_LABEL = b"xiaoma-keyed-hash-1"
SECRET_BYTES_MAX = 4096


class VaultError(Exception):
    """The key file cannot be used, or a sealed text is not what this vault sealed there."""


class FileVault:
    """Keys from a 0600 file: 32 bytes sealing key, 32 bytes Ed25519 seed.

    Losing the file loses every sealed secret, so it is backed up apart from the database; having
    it without the database gives nothing either.
    """

    def __init__(self, path: Path, randomness: Randomness = os.urandom) -> None:
        """Read the file. Raises VaultError: missing, open to others, or not a key file."""
        body = read_private(path)
        if not body.startswith(MAGIC) or len(body) != len(MAGIC) + 2 * KEY_BYTES:
            raise VaultError(f"{path} is not a key file of this program")
        keys = body[len(MAGIC) :]
        self._cipher = ChaCha20Poly1305(keys[:KEY_BYTES])
        self._hash_key = hmac.digest(keys[:KEY_BYTES], HASH_LABEL, "sha256")
        self._signing_key = Ed25519PrivateKey.from_private_bytes(keys[KEY_BYTES:])
        self._randomness = randomness

    @classmethod
    def make(cls, path: Path, randomness: Randomness = os.urandom) -> FileVault:
        """Make a new key file; one that exists is never overwritten (FileExistsError).

        It appears under its name only when it is whole: server and worker may start together.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)  # 0600 from birth
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(MAGIC + randomness(KEY_BYTES) + randomness(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(draft)
        finally:
            Path(draft).unlink()
        return cls(path, randomness)

    def seal(self, plain: bytes, context: str) -> str:
        """ChaCha20-Poly1305 with the context as associated data, as base64 text."""
        nonce = self._randomness(NONCE_BYTES)
        return base64.b64encode(
            nonce + self._cipher.encrypt(nonce, plain, context.encode())
        ).decode()

    def open(self, sealed: str, context: str) -> bytes:
        """Undo `seal`. Raises VaultError when the text or the context is another."""
        raw = base64.b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
        except InvalidTag:
            message = f"what is stored as {context} was not sealed there by this key file"
            raise VaultError(message) from None

    def keyed_hash(self, plain: bytes, context: str) -> str:
        """HMAC-SHA256 in hex: equal plains are found, and nobody without the keys can guess one."""
        return hmac.digest(self._hash_key, context.encode() + b"\n" + plain, "sha256").hex()

    def signing_key(self) -> Ed25519PrivateKey:
        """Give the key that signs documents."""
        return self._signing_key

    def public_key(self) -> Ed25519PublicKey:
        """Give its public half."""
        return self._signing_key.public_key()


def read_private(path: Path) -> bytes:
    """Read a file of secrets. Raises VaultError: missing, a link, or open to other users."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise VaultError(f"the secret file {path} cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise VaultError(f"the secret file {path} is open to other users: chmod 600 {path}")
        return file.read(SECRET_BYTES_MAX)
