"""A terminal proves that it holds its signing key, and gets a key for its requests."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from backend.domain.terminal import no_session, revoked, session_context, wrong_signature
from backend.domain.times import utc
from backend.domain.tokens import session_token, token_hash
from backend.tables.database import transaction
from backend.tables.terminal import TerminalRow, TerminalSessionRow
from backend.usecases.ports import Randomness, Vault
from campus_code import seal_to

SESSION_SECONDS = 12 * 3600
SESSIONS_MAX = 4
"""Living sessions of one terminal; opening one more ends the oldest."""
SESSION_KEY_BYTES = 32
BOX_CONTEXT = b"session"


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What the terminal sent; `nonce` is its own 16 random bytes, `at` its own clock."""

    terminal_id: int
    at: int
    nonce: bytes
    signature: bytes

    @property
    def signed_text(self) -> bytes:
        """The bytes under the signature."""
        nonce = base64.b64encode(self.nonce).decode()
        return f"xm-session|{self.terminal_id}|{self.at}|{nonce}".encode()


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The session's name, its key sealed to the device, and when it ends (Unix seconds)."""

    token: str
    sealed_key: bytes
    expires_at: int


async def open_session(
    request: SessionRequest, vault: Vault, randomness: Randomness, at: float
) -> OpenedSession:
    """Open a session for a terminal that signs with the key it enrolled with.

    The terminal's `at` is not judged: one with a wrong clock must get in to learn the right time.
    Sending a captured request again is harmless: the session's name is derived from the request,
    so it finds the session that stands instead of opening another, and the key is sealed to the
    device, so whoever sends it again cannot open it.

    Raises:
        UnauthenticatedError: unknown terminal, wrong signature, a request whose session ended.
        ForbiddenError: `terminal_revoked`.

    """
    terminal = await TerminalRow.get_or_none(id=request.terminal_id)
    if terminal is None:
        raise wrong_signature()
    _require_signature(terminal, request)
    token = _name(request, vault)
    async with transaction():
        # the row orders openings, a revocation and a roll one after the other: look again
        terminal = await TerminalRow.select_for_update().get(id=request.terminal_id)
        if terminal.revoked_at is not None:
            raise revoked()
        _require_signature(terminal, request)
        row = await TerminalSessionRow.get_or_none(token_hash=token_hash(token))
        if row is None:
            key = randomness(SESSION_KEY_BYTES)
            row = await TerminalSessionRow.create(
                token_hash=token_hash(token),
                terminal_id=terminal.id,
                sealed_key=vault.seal(key, session_context(terminal.id)),
                opened_at=utc(at),
                expires_at=utc(at + SESSION_SECONDS),
            )
            await _end_oldest(terminal.id, at)
        elif row.ended_at is not None or row.expires_at <= utc(at):
            raise no_session()
        else:
            key = vault.open(row.sealed_key, session_context(terminal.id))
    sealing_key = X25519PublicKey.from_public_bytes(bytes.fromhex(terminal.sealing_key))
    return OpenedSession(
        token, seal_to(sealing_key, key, BOX_CONTEXT), int(row.expires_at.timestamp())
    )


def _require_signature(terminal: TerminalRow, request: SessionRequest) -> None:
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(terminal.signing_key))
    try:
        key.verify(request.signature, request.signed_text)
    except InvalidSignature as error:
        raise wrong_signature() from error


def _name(request: SessionRequest, vault: Vault) -> str:
    secret = hashlib.sha256(b"session-name|" + vault.signing_key().private_bytes_raw()).digest()
    return session_token(hmac.digest(secret, request.signed_text, "sha256"))


async def _end_oldest(terminal_id: int, at: float) -> None:
    living = await TerminalSessionRow.filter(
        terminal_id=terminal_id, ended_at=None, expires_at__gt=utc(at)
    ).order_by("-id")
    for row in living[SESSIONS_MAX:]:
        row.ended_at = utc(at)
        await row.save(update_fields=["ended_at"])
