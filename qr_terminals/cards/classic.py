"""
Mifare Classic, as a reader shows it by PC/SC part 3: load a key, authenticate, write a block.

CRYPTO1 is broken and a copy costs minutes, so this proves little: the kind is taken only where the
rules name it, for small sums, until a day. No block is ever read: what is written there is nobody's
word.
"""

from __future__ import annotations

from typing import Final

from campus_code import TRANSPORT_KEYS, Chip, ChipKeys, ChipKind, ShapeError
from qr_terminals.cards import CHIP_ANSWER_SECONDS_MAX, DONE, Timed, uid_of, wrong_chip
from qr_terminals.cards.safe import Safe

BLOCK: Final = 4
"""The first block of sector 1; the sector's keys stand in its last."""
TRAILER: Final = 7
ACCESS: Final = bytes.fromhex("7F078840")
"""Data readable with either key; keys and access bits changed with key B only."""
_KEY_A, _KEY_B = 0x60, 0x61


def identify(timed: Timed, safe: Safe) -> Chip | None:
    """The chip whose sector opens with its own key; None where the reader tells no uid."""
    chip = _chip(uid_of(timed))
    if chip is None:
        return None
    if not _opens(timed, safe.begin(chip, b"").told, _KEY_A):
        raise wrong_chip("authenticate")
    return chip


def write(timed: Timed, keys: ChipKeys) -> Chip:
    """
    Put this chip's own key into the sector's trailer, in one block; may be repeated after a tear.

    RefusedError WRONG_CHIP for a chip that opens with neither its own nor a transport key, or
    still with a transport key.
    """
    chip = _chip(uid_of(timed))
    key = None if chip is None else keys.of(chip)
    if chip is None or key is None:
        raise wrong_chip("uid")
    if not _opens(timed, key, _KEY_A):
        if not any(_opens(timed, known, _KEY_A) for known in TRANSPORT_KEYS[ChipKind.CLASSIC]):
            raise wrong_chip("authenticate")
        trailer = key + ACCESS + key
        head = bytes((0xFF, 0xD6, 0x00, TRAILER, len(trailer)))
        if timed.ask(head + trailer, CHIP_ANSWER_SECONDS_MAX)[1] != DONE:
            raise wrong_chip("write")
    for known in TRANSPORT_KEYS[ChipKind.CLASSIC]:
        if _opens(timed, known, _KEY_A) or _opens(timed, known, _KEY_B):
            raise wrong_chip("transport_key")
    if not _opens(timed, key, _KEY_A):
        raise wrong_chip("authenticate")
    return chip


def _opens(timed: Timed, key: bytes, which: int) -> bool:
    load = bytes((0xFF, 0x82, 0x00, 0x00, len(key))) + key
    if timed.ask(load, CHIP_ANSWER_SECONDS_MAX)[1] != DONE:
        raise wrong_chip("load_key")
    asked = bytes((0xFF, 0x86, 0x00, 0x00, 0x05, 0x01, 0x00, BLOCK, which, 0x00))
    return timed.ask(asked, CHIP_ANSWER_SECONDS_MAX)[1] == DONE


def _chip(uid: bytes | None) -> Chip | None:
    try:
        return None if uid is None else Chip(ChipKind.CLASSIC, uid)
    except ShapeError:
        return None
