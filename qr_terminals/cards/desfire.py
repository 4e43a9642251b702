"""
DESFire EV1 and later, in native commands wrapped for ISO 7816-4: `90 INS 00 00 Lc data 00`.

A chip proves who it is by mutual authentication with the key diversified for its uid. Both sides
draw fresh random bytes, so a recording of one tap is worth nothing at the next.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Final

from campus_code import TRANSPORT_KEYS, Chip, ChipKeys, ChipKind, RefusedError, ShapeError
from campus_code.chip_keys import DESFIRE_AID, aes_cbc
from campus_code.chip_proof import DESFIRE_BLOCK, DesfireHalf
from qr_terminals.cards import CHIP_ANSWER_SECONDS_MAX, Timed, uid_of, wrong_chip
from qr_terminals.cards.safe import Proving, Randomness, Safe

_OK: Final = b"\x91\x00"
_MORE: Final = b"\x91\xaf"
_SELECT, _AUTHENTICATE, _CONTINUE = 0x5A, 0xAA, 0xAF
_CREATE, _CHANGE_KEY = 0xCA, 0xC4
_ALREADY_THERE: Final = b"\x91\xde"
_KEY_NUMBER: Final = 0
_KEY_SETTINGS: Final = bytes((0x0B, 0x81))
"""Changeable with the key itself only; one key, AES."""
_KEY_VERSION: Final = b"\x01"
_PICC: Final = bytes(3)


def identify(timed: Timed, safe: Safe) -> Chip | None:
    """The chip that proved to be itself; None for another kind. RefusedError: forged, removed."""
    if _ask(timed, _SELECT, DESFIRE_AID[::-1])[1] != _OK:
        return None
    chip = _chip(uid_of(timed))
    if chip is None:
        raise wrong_chip("uid")
    _prove(timed, lambda heard: safe.begin(chip, heard))
    return chip


def write(timed: Timed, keys: ChipKeys, randomness: Randomness) -> Chip:
    """
    Make the application and put this chip's own key into it; may be repeated after a tear.

    The key is changed in one command, which a chip does whole or not at all: before it the chip
    answers to the transport key, after it to its own. RefusedError WRONG_CHIP for a chip whose
    application answers to neither, or still to the transport key.
    """
    _expect(_ask(timed, _SELECT, _PICC), "select")
    chip = _chip(uid_of(timed))
    key = None if chip is None else keys.of(chip)
    if chip is None or key is None:
        raise wrong_chip("uid")
    made = _ask(timed, _CREATE, DESFIRE_AID[::-1] + _KEY_SETTINGS)[1]
    if made not in (_OK, _ALREADY_THERE):
        raise wrong_chip("create")
    (transport,) = TRANSPORT_KEYS[ChipKind.DESFIRE]
    if _answers_to(timed, transport, randomness):
        session = _authenticate(_selected(timed), transport, randomness)
        _change_key(timed, session, key)
    if _answers_to(timed, transport, randomness):
        raise wrong_chip("transport_key")
    _authenticate(_selected(timed), key, randomness)
    return chip


def _answers_to(timed: Timed, key: bytes, randomness: Randomness) -> bool:
    try:
        _authenticate(_selected(timed), key, randomness)
    except RefusedError as error:
        if error.evidence.get("which") != "authenticate":
            raise
        return False
    return True


def _selected(timed: Timed) -> Timed:
    _expect(_ask(timed, _SELECT, DESFIRE_AID[::-1]), "select")
    return timed


def _authenticate(timed: Timed, key: bytes, randomness: Randomness) -> bytes:
    """Mutual authentication with a key in hand; the session's key."""
    mine = randomness(DESFIRE_BLOCK)

    def begin(heard: bytes) -> Proving:
        half = DesfireHalf(key, heard, mine)
        return Proving(half.told, half.is_right)

    return DesfireHalf(key, _prove(timed, begin), mine).session


def _prove(timed: Timed, begin: Callable[[bytes], Proving]) -> bytes:
    """Mutual authentication; what the chip said first."""
    heard, status = _ask(timed, _AUTHENTICATE, bytes((_KEY_NUMBER,)))
    if status != _MORE or len(heard) != DESFIRE_BLOCK:
        raise wrong_chip("authenticate")
    proving = begin(heard)
    proof, status = _ask(timed, _CONTINUE, proving.told)
    if status != _OK or not proving.is_right(proof):
        raise wrong_chip("authenticate")
    return heard


def _change_key(timed: Timed, session: bytes, key: bytes) -> None:
    """Change the key that is authenticated to; the answer carries a MAC of the session."""
    plain = key + _KEY_VERSION
    command = bytes((_CHANGE_KEY, _KEY_NUMBER))
    checked = plain + _crc(command + plain)
    padded = checked + bytes(-len(checked) % DESFIRE_BLOCK)
    sealed = aes_cbc(session, bytes(DESFIRE_BLOCK), padded, is_encrypting=True)
    _expect(_ask(timed, _CHANGE_KEY, command[1:] + sealed), "change_key")


def _crc(data: bytes) -> bytes:
    # DESFire's CRC-32 is the usual one without its last inversion
    return (binascii.crc32(data) ^ 0xFFFF_FFFF).to_bytes(4, "little")


def _ask(timed: Timed, instruction: int, data: bytes) -> tuple[bytes, bytes]:
    apdu = bytes((0x90, instruction, 0, 0, len(data))) + data + b"\x00"
    return timed.ask(apdu, CHIP_ANSWER_SECONDS_MAX)


def _expect(answer: tuple[bytes, bytes], which: str) -> None:
    if answer[1] != _OK:
        raise wrong_chip(which)


def _chip(uid: bytes | None) -> Chip | None:
    try:
        return None if uid is None else Chip(ChipKind.DESFIRE, uid)
    except ShapeError:  # four bytes: it hides its uid behind a random one
        return None
