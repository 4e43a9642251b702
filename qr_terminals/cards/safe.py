"""
Where the shared keys of chips stand, and how a chip is proved without asking for them.

Two safes there are: the keyring's keys in this program, out of a file sealed to the device, and a
PSAM in a second slot, which no shared key ever leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from campus_code import Chip, ChipKeys, ChipKind, Refusal, RefusedError
from campus_code.chip_proof import MINE_BYTES, chip_half

Randomness = Callable[[int], bytes]


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
        if chip.kind is ChipKind.CLASSIC:
            return Proving(key, lambda _: False)
        half = chip_half(chip.kind, key, heard, self.randomness(MINE_BYTES[chip.kind]))
        return Proving(half.told, half.is_right)
