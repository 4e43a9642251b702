"""Session tokens and binding codes: made from random bytes, kept only as hashes."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

TOKEN_BYTES: Final = 32
TOKEN_LENGTH: Final = 43
API_TOKEN_PREFIX: Final = "xmt_"  # noqa: S105 - the form's name, not a secret
"""By it an API token is known from a session, in a header and in a leaked file."""
BINDING_CODE_LENGTH: Final = 10
# 32 characters without I, L, O and U: 50 bits in ten, and nothing to mix up on paper
BINDING_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def session_token(raw: bytes) -> str:
    """The opaque token of TOKEN_BYTES random bytes, in characters a header may hold."""
    if len(raw) != TOKEN_BYTES:
        raise ValueError(f"raw: exactly {TOKEN_BYTES} bytes are wanted")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def binding_code(raw: bytes) -> str:
    """The ten characters of a binding code, from ten random bytes."""
    if len(raw) != BINDING_CODE_LENGTH:
        raise ValueError(f"raw: exactly {BINDING_CODE_LENGTH} bytes are wanted")
    return "".join(BINDING_ALPHABET[byte % len(BINDING_ALPHABET)] for byte in raw)


def read_binding_code(typed: str) -> str:
    """What was typed, as it was printed: case, spaces, dashes and look-alikes do not matter."""
    return typed.strip().upper().translate(_MISREAD)


def token_hash(token: str) -> str:
    """How tokens and codes are kept and looked up: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
