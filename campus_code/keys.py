"""Master keys by epoch, and the secrets derived from them. A repr never shows a key."""

from __future__ import annotations

import enum
import functools
import hmac
from dataclasses import dataclass, field

from campus_code.code import EPOCHS_SHOWN
from campus_code.errors import RefusedError, ShapeError
from campus_code.limits import (
    AT_MAX,
    EPOCH_MAX,
    ISSUE_MAX,
    SECRET_BYTES,
    require_bytes,
    require_card_number,
    require_int,
)
from campus_code.refusals import Refusal

SECRETS_CACHED_MAX = 8192  # about 2 MB: every card of one canteen's lunch
KEYS_MAX = 128  # two years of weeks: a server still verifies old records


class Role(enum.StrEnum):
    """What a derived secret is for."""

    TERMINAL = "terminal"
    ISSUER = "issuer"
    EMERGENCY = "emergency"

    __hash__ = str.__hash__  # Enum's own is written in Python, and a role is part of a cache's key


def derive_secret(
    master: bytes, role: Role, epoch_digits: int, card_number: str, issue: int
) -> bytes:
    """
    The 32-byte secret of one role for (epoch, card, issue), by HKDF-SHA-256.

    EMERGENCY is derived from the terminal master. Arguments are trusted to be in bounds.
    """
    info = f"campus-code/9/{role}/{epoch_digits:02d}{card_number}{issue:02d}"
    # RFC 5869: 32 bytes are the first block of the expansion; the extraction is the master's alone
    return hmac.digest(_extract(master), info.encode("ascii") + b"\x01", "sha256")


@functools.lru_cache(KEYS_MAX * 2)
def _extract(master: bytes) -> bytes:
    """HKDF-Extract with an empty salt, once for each master and not for each card."""
    return hmac.digest(bytes(SECRET_BYTES), master, "sha256")


@dataclass(frozen=True, slots=True)
class EpochKey:
    """
    One master key. `epoch` is absolute (a code shows epoch mod 100), the times are Unix seconds.

    It is valid for `valid_from <= at < valid_until`; neighbours may overlap.
    """

    epoch: int
    valid_from: int
    valid_until: int
    master: bytes = field(repr=False)

    def __post_init__(self) -> None:
        require_int("epoch", self.epoch, 0, EPOCH_MAX)
        require_int("valid_from", self.valid_from, 0, AT_MAX)
        require_int("valid_until", self.valid_until, self.valid_from + 1, AT_MAX + 1)
        require_bytes("master", self.master, SECRET_BYTES)

    @property
    def digits(self) -> int:
        """The two digits that codes show."""
        return self.epoch % EPOCHS_SHOWN

    def is_valid(self, at: int) -> bool:
        """Whether this key may be used at Unix second `at`."""
        return self.valid_from <= at < self.valid_until


class Keyring:
    """The master keys of one kind that a verifier holds, with a bounded cache of secrets."""

    __slots__ = ("_by_digits", "_derive", "keys")

    def __init__(self, keys: tuple[EpochKey, ...]) -> None:
        """Raise ShapeError for more than KEYS_MAX keys or an epoch given twice."""
        if len(keys) > KEYS_MAX:
            raise ShapeError(f"keys: at most {KEYS_MAX} are allowed, not {len(keys)}")
        if len({key.epoch for key in keys}) != len(keys):
            raise ShapeError("keys: an epoch is given twice")
        self.keys = tuple(sorted(keys, key=lambda key: key.epoch, reverse=True))
        self._by_digits: dict[int, tuple[EpochKey, ...]] = {}
        for key in self.keys:
            self._by_digits[key.digits] = (*self._by_digits.get(key.digits, ()), key)
        self._derive = functools.lru_cache(SECRETS_CACHED_MAX)(derive_secret)

    def __repr__(self) -> str:
        return f"Keyring(epochs={[key.epoch for key in self.keys]})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyring) and self.keys == other.keys

    def __hash__(self) -> int:
        return hash(self.keys)

    def find(self, epoch_digits: int, at: int) -> EpochKey:
        """The newest held key with these digits that is valid at `at`, else EXPIRED_CREDENTIAL."""
        for key in self._by_digits.get(epoch_digits, ()):
            if key.valid_from <= at < key.valid_until:
                return key
        raise RefusedError(Refusal.EXPIRED_CREDENTIAL, epoch=epoch_digits)

    def current(self, at: int) -> EpochKey:
        """The newest key valid at `at`: what new secrets are made from."""
        for key in self.keys:
            if key.is_valid(at):
                return key
        raise RefusedError(Refusal.EXPIRED_CREDENTIAL)

    def secret(self, key: EpochKey, role: Role, card_number: str, issue: int) -> bytes:
        """The derived secret; cached, the least recently used are forgotten."""
        return self._derive(key.master, role, key.epoch % EPOCHS_SHOWN, card_number, issue)


@dataclass(frozen=True, slots=True)
class PhoneSecrets:
    """What a phone holds for one epoch: two derived secrets, never a master."""

    epoch: int
    card_number: str
    issue: int
    terminal_secret: bytes = field(repr=False)
    issuer_secret: bytes = field(repr=False)
    valid_from: int
    valid_until: int

    def __post_init__(self) -> None:
        require_int("epoch", self.epoch, 0, EPOCH_MAX)
        require_card_number("card_number", self.card_number)
        require_int("issue", self.issue, 0, ISSUE_MAX)
        require_bytes("terminal_secret", self.terminal_secret, SECRET_BYTES)
        require_bytes("issuer_secret", self.issuer_secret, SECRET_BYTES)
        require_int("valid_from", self.valid_from, 0, AT_MAX)
        require_int("valid_until", self.valid_until, self.valid_from + 1, AT_MAX + 1)


def phone_secrets(
    terminal_key: EpochKey, issuer_key: EpochKey, card_number: str, issue: int
) -> PhoneSecrets:
    """The secrets of one card for one epoch; ShapeError when the keys are of different epochs."""
    if terminal_key.epoch != issuer_key.epoch:
        raise ShapeError("issuer_key: is of another epoch than terminal_key")
    require_card_number("card_number", card_number)
    require_int("issue", issue, 0, ISSUE_MAX)
    digits = terminal_key.digits
    return PhoneSecrets(
        epoch=terminal_key.epoch,
        card_number=card_number,
        issue=issue,
        terminal_secret=derive_secret(
            terminal_key.master, Role.TERMINAL, digits, card_number, issue
        ),
        issuer_secret=derive_secret(issuer_key.master, Role.ISSUER, digits, card_number, issue),
        valid_from=max(terminal_key.valid_from, issuer_key.valid_from),
        valid_until=min(terminal_key.valid_until, issuer_key.valid_until),
    )
