"""
CPU cards with a PBOC file system: SELECT by name, the serial number out of file 15, then INTERNAL
AUTHENTICATE with the key diversified from that serial number over eight fresh random bytes.
"""

from __future__ import annotations

from typing import Final

from campus_code import TRANSPORT_KEYS, Chip, ChipKeys, ChipKind
from campus_code.chip_keys import triple_des
from campus_code.chip_proof import CPU_CHALLENGE_BYTES
from qr_terminals.cards import CHIP_ANSWER_SECONDS_MAX, DONE, Timed, wrong_chip
from qr_terminals.cards.safe import Randomness, Safe

NAME: Final = b"CAMPUS.DDF01"
SERIAL_AT: Final = 10
SERIAL_BYTES: Final = 8
FILE_BYTES: Final = 30
_KEY_NUMBER: Final = 1
_EXTERNAL_KEY_NUMBER: Final = 0


def identify(timed: Timed, safe: Safe) -> Chip | None:
    """The chip that proved to be itself; None for another kind. RefusedError: forged, removed."""
    chip = _read(timed)
    if chip is None:
        return None
    proving = safe.begin(chip, b"")
    if not proving.is_right(_asked(timed, proving.told)):
        raise wrong_chip("authenticate")
    return chip


def write(timed: Timed, keys: ChipKeys, randomness: Randomness) -> Chip:
    """
    Put this chip's own key in the place of the transport key; may be repeated after a tear.

    WRITE KEY is done whole or not at all. RefusedError WRONG_CHIP for a card that answers to
    neither key, or still to a transport key. Whose operating system loads keys otherwise is not
    written here.
    """
    chip = _read(timed)
    key = None if chip is None else keys.of(chip)
    if chip is None or key is None:
        raise wrong_chip("key")
    if not _answers_to(timed, key, randomness):
        _unlock(timed)
        head = bytes((0x80, 0xD4, 0x39, _KEY_NUMBER, len(key)))
        if timed.ask(head + key, CHIP_ANSWER_SECONDS_MAX)[1] != DONE:
            raise wrong_chip("write_key")
    for transport in TRANSPORT_KEYS[ChipKind.CPU]:
        if _answers_to(timed, transport, randomness):
            raise wrong_chip("transport_key")
    if not _answers_to(timed, key, randomness):
        raise wrong_chip("authenticate")
    return chip


def _read(timed: Timed) -> Chip | None:
    head = bytes((0x00, 0xA4, 0x04, 0x00, len(NAME)))
    if timed.ask(head + NAME, CHIP_ANSWER_SECONDS_MAX)[1] != DONE:
        return None
    data, status = timed.ask(bytes((0x00, 0xB0, 0x95, 0x00, FILE_BYTES)), CHIP_ANSWER_SECONDS_MAX)
    serial = data[SERIAL_AT : SERIAL_AT + SERIAL_BYTES]
    if status != DONE or len(serial) != SERIAL_BYTES:
        raise wrong_chip("serial")
    return Chip(ChipKind.CPU, serial)


def _answers_to(timed: Timed, key: bytes, randomness: Randomness) -> bool:
    asked = randomness(CPU_CHALLENGE_BYTES)
    return _asked(timed, asked) == triple_des(key, asked)


def _asked(timed: Timed, asked: bytes) -> bytes:
    """INTERNAL AUTHENTICATE: the chip's answer, nothing where it gave none."""
    head = bytes((0x00, 0x88, 0x00, _KEY_NUMBER, CPU_CHALLENGE_BYTES))
    data, status = timed.ask(head + asked + bytes((CPU_CHALLENGE_BYTES,)), CHIP_ANSWER_SECONDS_MAX)
    return data if status == DONE else b""


def _unlock(timed: Timed) -> None:
    """EXTERNAL AUTHENTICATE with the maker's transport key, so that keys may be written."""
    asked, status = timed.ask(b"\x00\x84\x00\x00\x08", CHIP_ANSWER_SECONDS_MAX)
    if status != DONE or len(asked) != CPU_CHALLENGE_BYTES:
        raise wrong_chip("get_challenge")
    told = triple_des(TRANSPORT_KEYS[ChipKind.CPU][0], asked)
    head = bytes((0x00, 0x82, 0x00, _EXTERNAL_KEY_NUMBER, len(told)))
    if timed.ask(head + told, CHIP_ANSWER_SECONDS_MAX)[1] != DONE:
        raise wrong_chip("external_authenticate")
