"""
Where the shared keys of chips stand, and how a chip is proved without asking for them.

Two safes there are: the keyring's keys in this program, out of a file sealed to the device, and a
PSAM in a second slot, which no shared key ever leaves.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from campus_code import Chip, ChipKeys, ChipKind, Refusal, RefusedError
from campus_code.chip_keys import aes_cbc, triple_des

Randomness = Callable[[int], bytes]

DESFIRE_BLOCK: Final = 16
CPU_CHALLENGE_BYTES: Final = 8


class Proving(NamedTuple):
    """One proof under way: what to tell the chip, and whether its answer is right."""

    told: bytes
    is_right: Callable[[bytes], bool]


class Safe(Protocol):
    """Whatever holds the shared keys of chips; used by one thread at a time."""

    def begin(self, chip: Chip, heard: bytes) -> Proving:
        """
        The reader's side of one proof, with fresh random bytes.

        `heard`, `told` and the answer: DESFire 16 bytes sealed by the chip, 32 for it, 16 back; CPU
        nothing, 8 and 8. A Classic chip's reader has to be given the chip's own 6 bytes: they are
        `told`, and no answer is right; that the sector opens is the proof.

        RefusedError: CHIP_KEYS_AWAY where the safe cannot be asked or has no key of this kind.
        """


@dataclass(frozen=True, slots=True)
class HeldKeys:
    """The safe that is a sealed file: while the program runs the keys are in its memory."""

    keys: ChipKeys
    randomness: Randomness

    def begin(self, chip: Chip, heard: bytes) -> Proving:
        """As every safe does."""
        key = self.keys.of(chip)
        if key is None:
            raise RefusedError(Refusal.CHIP_KEYS_AWAY, chip=chip.kind.value)
        if chip.kind is ChipKind.DESFIRE:
            half = DesfireHalf(key, heard, self.randomness(DESFIRE_BLOCK))
            return Proving(half.token, half.is_right)
        if chip.kind is ChipKind.CPU:
            asked = self.randomness(CPU_CHALLENGE_BYTES)
            return Proving(asked, lambda told: hmac.compare_digest(told, triple_des(key, asked)))
        return Proving(key, lambda _: False)


@dataclass(frozen=True, slots=True)
class DesfireHalf:
    """The reader's half of a mutual authentication. `heard` and `mine` are 16 bytes."""

    key: bytes = field(repr=False)
    heard: bytes
    mine: bytes = field(repr=False)

    @property
    def _theirs(self) -> bytes:
        return aes_cbc(self.key, bytes(DESFIRE_BLOCK), self.heard, is_encrypting=False)

    @property
    def token(self) -> bytes:
        """32 bytes for the chip: both sides' random bytes, the chip's turned by one."""
        both = self.mine + self._theirs[1:] + self._theirs[:1]
        return aes_cbc(self.key, self.heard, both, is_encrypting=True)

    def is_right(self, proof: bytes) -> bool:
        """Whether the chip gave the reader's bytes back, turned by one."""
        if len(proof) != DESFIRE_BLOCK:
            return False
        told = aes_cbc(self.key, self.token[-DESFIRE_BLOCK:], proof, is_encrypting=False)
        return hmac.compare_digest(told, self.mine[1:] + self.mine[:1])

    @property
    def session(self) -> bytes:
        """The key of what follows."""
        theirs = self._theirs
        return self.mine[:4] + theirs[:4] + self.mine[12:] + theirs[12:]
