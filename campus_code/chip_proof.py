"""
The reader's half of proving a chip: what to tell it, and whether its answer is right.

DESFire: mutual authentication (AES). CPU cards: internal authentication over eight bytes (3DES). A
Classic chip has no half: its key goes into the reader, and that the sector opens is all there is.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from campus_code.chip_keys import aes_cbc, triple_des
from campus_code.chips import ChipKind

DESFIRE_BLOCK: Final = 16
CPU_CHALLENGE_BYTES: Final = 8
MINE_BYTES: Final[Mapping[ChipKind, int]] = {
    ChipKind.DESFIRE: DESFIRE_BLOCK,
    ChipKind.CPU: CPU_CHALLENGE_BYTES,
}
"""Fresh random bytes of the reader's side; the kinds that prove themselves."""
HEARD_BYTES: Final[Mapping[ChipKind, int]] = {ChipKind.DESFIRE: DESFIRE_BLOCK, ChipKind.CPU: 0}
"""What the chip says first."""


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
    def told(self) -> bytes:
        """32 bytes for the chip: both sides' random bytes, the chip's turned by one."""
        both = self.mine + self._theirs[1:] + self._theirs[:1]
        return aes_cbc(self.key, self.heard, both, is_encrypting=True)

    def is_right(self, answer: bytes) -> bool:
        """Whether the chip gave the reader's bytes back, turned by one."""
        if len(answer) != DESFIRE_BLOCK:
            return False
        given = aes_cbc(self.key, self.told[-DESFIRE_BLOCK:], answer, is_encrypting=False)
        return hmac.compare_digest(given, self.mine[1:] + self.mine[:1])

    @property
    def session(self) -> bytes:
        """The key of what follows."""
        theirs = self._theirs
        return self.mine[:4] + theirs[:4] + self.mine[12:] + theirs[12:]


@dataclass(frozen=True, slots=True)
class CpuHalf:
    """The reader's half of an internal authentication; `mine` is 8 bytes and no secret."""

    key: bytes = field(repr=False)
    mine: bytes

    @property
    def told(self) -> bytes:
        """What the card is to encipher."""
        return self.mine

    def is_right(self, answer: bytes) -> bool:
        """Whether it did, with the key of this card."""
        return hmac.compare_digest(answer, triple_des(self.key, self.mine))


def chip_half(kind: ChipKind, key: bytes, heard: bytes, mine: bytes) -> DesfireHalf | CpuHalf:
    """The half for a chip that proves itself; KeyError for a kind that does not."""
    if len(heard) != HEARD_BYTES[kind] or len(mine) != MINE_BYTES[kind]:
        raise ValueError("heard or mine has the wrong length")
    return DesfireHalf(key, heard, mine) if kind is ChipKind.DESFIRE else CpuHalf(key, mine)
