"""The answer a phone gives over NFC: bound to one terminal, one amount and one tap."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from campus_code.code import CODE_DIGITS, parse_code
from campus_code.errors import RefusedError, ShapeError
from campus_code.keys import Keyring, PhoneSecrets, Role
from campus_code.limits import AMOUNT_FEN_MAX, require_bytes, require_int
from campus_code.refusals import Refusal
from campus_code.verify import DEFAULT_WINDOW, Verified, Window, verify_code

LABEL: Final = b"campus-code/9/challenge"
NONCE_BYTES: Final = 8
CHALLENGE_BYTES: Final = NONCE_BYTES + 4 + 4
MAC_BYTES: Final = 8
ANSWER_BYTES: Final = CODE_DIGITS + 2 * MAC_BYTES
TERMINAL_ID_MAX: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a terminal asks. `nonce` is fresh randomness, never used for a second tap."""

    nonce: bytes
    terminal_id: int
    amount_fen: int

    def __post_init__(self) -> None:
        require_bytes("nonce", self.nonce, NONCE_BYTES)
        require_int("terminal_id", self.terminal_id, 0, TERMINAL_ID_MAX)
        require_int("amount_fen", self.amount_fen, 0, AMOUNT_FEN_MAX)

    def to_bytes(self) -> bytes:
        """The 16 bytes on the wire: nonce, terminal, amount."""
        return self.nonce + self.terminal_id.to_bytes(4, "big") + self.amount_fen.to_bytes(4, "big")


@dataclass(frozen=True, slots=True)
class ChallengeAnswer:
    """What the phone says: the code of this moment, and one MAC for each who checks."""

    code: str
    mac_terminal: bytes = field(repr=False)
    mac_issuer: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.code) != CODE_DIGITS or not (self.code.isascii() and self.code.isdigit()):
            raise ShapeError(f"code: {CODE_DIGITS} ASCII digits are wanted")
        require_bytes("mac_terminal", self.mac_terminal, MAC_BYTES)
        require_bytes("mac_issuer", self.mac_issuer, MAC_BYTES)

    def to_bytes(self) -> bytes:
        """The 50 bytes on the wire: digits, terminal's MAC, issuer's MAC."""
        return self.code.encode("ascii") + self.mac_terminal + self.mac_issuer


def challenge_mac(secret: bytes, code: str, asked: bytes) -> bytes:
    """The first 8 bytes of HMAC-SHA-256 over label, code and the challenge's 16 bytes."""
    return hmac.digest(secret, LABEL + code.encode("ascii") + asked, "sha256")[:MAC_BYTES]


def answer_challenge(secrets: PhoneSecrets, code: str, asked: bytes) -> ChallengeAnswer:
    """Answer as the phone does; `code` is what it shows at this moment, `asked` 16 raw bytes."""
    require_bytes("asked", asked, CHALLENGE_BYTES)
    return ChallengeAnswer(
        code,
        challenge_mac(secrets.terminal_secret, code, asked),
        challenge_mac(secrets.issuer_secret, code, asked),
    )


def read_answer(raw: bytes) -> ChallengeAnswer:
    """Take the 50 bytes apart. Raises RefusedError UNREADABLE for anything else."""
    try:
        return ChallengeAnswer(
            raw[:CODE_DIGITS].decode("ascii"),
            raw[CODE_DIGITS : CODE_DIGITS + MAC_BYTES],
            raw[CODE_DIGITS + MAC_BYTES :],
        )
    except (UnicodeDecodeError, ShapeError) as error:
        raise RefusedError(Refusal.UNREADABLE) from error


def verify_challenge(
    answer: ChallengeAnswer,
    asked: Challenge,
    keyring: Keyring,
    at: int,
    window: Window = DEFAULT_WINDOW,
    *,
    retired_formats: Collection[int] = (),
) -> Verified:
    """
    Verify an answer with terminal keys: first its code as any code, then the MAC.

    Raises RefusedError as `verify_code` does, or WRONG_CODE (evidence `which` = challenge) when
    the answer was made for another tap, terminal or amount.
    """
    verified = verify_code(answer.code, keyring, at, window, retired_formats=retired_formats)
    secret = _secret(answer.code, keyring, Role.TERMINAL, at)
    if not hmac.compare_digest(_right_mac(secret, answer, asked), answer.mac_terminal):
        raise RefusedError(Refusal.WRONG_CODE, which="challenge")
    return verified


def verify_issuer_mac(
    answer: ChallengeAnswer, asked: Challenge, issuer_keyring: Keyring, at: int
) -> None:
    """Check the issuer's MAC, as only the server can; beside `verify_tac`, not in its place."""
    secret = _secret(answer.code, issuer_keyring, Role.ISSUER, at)
    if not hmac.compare_digest(_right_mac(secret, answer, asked), answer.mac_issuer):
        raise RefusedError(Refusal.WRONG_CODE, which="issuer_challenge")


def _right_mac(secret: bytes, answer: ChallengeAnswer, asked: Challenge) -> bytes:
    return challenge_mac(secret, answer.code, asked.to_bytes())


def _secret(code: str, keyring: Keyring, role: Role, at: int) -> bytes:
    shown = parse_code(code)
    key = keyring.find(shown.epoch_digits, at)
    return keyring.secret(key, role, shown.card_number, shown.issue)
