"""Proving a chip that lies in a kiosk's field, by the keys of the server alone.

The kiosk carries messages: what the chip said first, what the server tells it, what it answers. The
server keeps nothing in between. Its own random bytes are made of a secret and of everything that
was asked, so that whoever comes back with the answer cannot have asked anything else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from campus_code import Chip, ChipKeys, Refusal, RefusedError
from campus_code.chip_proof import HEARD_BYTES, MINE_BYTES, CpuHalf, DesfireHalf, chip_half

CHIP_PROOF_SECONDS: Final = 10
"""So long an answer may take: a chip needs a tenth of a second, a bad network the rest."""
NONCE_BYTES: Final = 16
PROOF_CONTEXT: Final = "chip-proof"
"""Under which context the vault hashes what was asked."""
_LABEL: Final = b"xm-chip-proof"


@dataclass(frozen=True, slots=True)
class ChipAsked:
    """One question to one chip at one terminal; `heard` is what the chip said first."""

    terminal_id: int
    chip: Chip
    heard: bytes
    nonce: bytes
    asked_at: int

    def __post_init__(self) -> None:
        """Refuse kinds that prove nothing, and what none says first. Raises RefusedError."""
        if self.chip.kind not in HEARD_BYTES:
            raise RefusedError(Refusal.CHIP_NOT_TAKEN, chip=self.chip.kind.value)
        if len(self.heard) != HEARD_BYTES[self.chip.kind]:
            raise RefusedError(Refusal.WRONG_CHIP, which="heard")

    @property
    def text(self) -> bytes:
        """Everything that was asked, in one way only."""
        parts = (str(self.terminal_id), str(self.chip), self.heard.hex(), self.nonce.hex())
        return b"|".join((_LABEL, *(part.encode() for part in parts), str(self.asked_at).encode()))

    def half(self, keys: ChipKeys, secret: bytes) -> DesfireHalf | CpuHalf:
        """The server's half; `secret` is the vault's hash of `text`.

        Raises RefusedError CHIP_KEYS_AWAY where there is no key of this kind yet.
        """
        key = keys.of(self.chip)
        if key is None:
            raise RefusedError(Refusal.CHIP_KEYS_AWAY, chip=self.chip.kind.value)
        return chip_half(self.chip.kind, key, self.heard, secret[: MINE_BYTES[self.chip.kind]])

    @property
    def use_key(self) -> int:
        """One use of this proof as a number below zero: codes' are above."""
        return -1 - (int.from_bytes(hashlib.sha256(self.text).digest()[:8], "big") >> 1)


def require_right(asked: ChipAsked, half: DesfireHalf | CpuHalf, answer: bytes, at: int) -> None:
    """Refuse an answer that is wrong or too old. Raises RefusedError WRONG_CHIP."""
    if not 0 <= at - asked.asked_at <= CHIP_PROOF_SECONDS:
        raise RefusedError(Refusal.WRONG_CHIP, which="late")
    if not half.is_right(answer):
        raise RefusedError(Refusal.WRONG_CHIP, which="authenticate")
