"""
A PSAM: a card in the terminal that holds the shared keys of chips and proves chips by them.

It speaks only to the device it was written for: both prove a pairing key to each other, derived
from the device's own key. Out of it comes, of a DESFire or CPU chip, no key and no answer a chip
could give; of a Classic chip that one chip's key, for the reader has to be given it.
"""

from __future__ import annotations

import hmac
from typing import Final

from campus_code import Chip, ChipKeys, ChipKind, Refusal, RefusedError
from campus_code.chip_keys import CLASSIC_KEY_BYTES, cmac
from campus_code.chip_proof import CPU_CHALLENGE_BYTES
from campus_code.chips import CHIP_NUMBERS
from qr_terminals.cards import DONE, STATUS_BYTES, Card
from qr_terminals.cards.safe import Proving, Randomness

NAME: Final = b"CAMPUS.PSAM"
LAYOUT: Final = b"\x01"
TERMINAL_LABEL: Final = b"campus-code/psam/terminal"
CARD_LABEL: Final = b"campus-code/psam/card"
PAIRING_BYTES: Final = 16
CHALLENGE_BYTES: Final = 16
MAC_BYTES: Final = 16
_NO_KEY: Final = b"\x6a\x88"
_BLOCKED: Final = b"\x69\x83"
_WRONG: Final = b"\x63\x00"
_TOLD_BYTES: Final = {
    ChipKind.DESFIRE: 32,
    ChipKind.CPU: CPU_CHALLENGE_BYTES,
    ChipKind.CLASSIC: CLASSIC_KEY_BYTES,
}
_KINDS: Final = {number: kind for kind, number in CHIP_NUMBERS.items()}


class PsamError(Exception):
    """The PSAM is not the one of this device, is blocked or fresh, or was taken away."""


class ForeignPsamError(PsamError):
    """It refused this device's proof; every further one brings it nearer to blocking itself."""


class Psam:
    """A safe that is a card. Making one opens its session; PsamError when it does not open."""

    def __init__(self, card: Card, pairing: bytes, randomness: Randomness) -> None:
        self._card = card
        _select(card)
        theirs, status = _ask(card, b"\x00\x84\x00\x00\x10")
        if status != DONE or len(theirs) != CHALLENGE_BYTES:
            raise PsamError("it gives no challenge")
        mine = randomness(CHALLENGE_BYTES)
        proof = cmac(pairing, TERMINAL_LABEL + theirs + mine)
        told, status = _ask(card, _command(0x00, 0x82, 0, mine + proof))
        if status == _BLOCKED:
            raise ForeignPsamError("it is blocked")
        if status != DONE:
            raise ForeignPsamError("it belongs to another terminal, or is not written")
        numbers, mac = told[:-MAC_BYTES], told[-MAC_BYTES:]
        if not hmac.compare_digest(mac, cmac(pairing, CARD_LABEL + mine + theirs + numbers)):
            raise PsamError("it is forged")
        self.kinds = frozenset(_KINDS[number] for number in numbers if number in _KINDS)

    def begin(self, chip: Chip, heard: bytes) -> Proving:
        """As every safe does; PsamError when the PSAM is gone, RefusedError for a kind it lacks."""
        data = chip.uid + heard
        told, status = _ask(self._card, _command(0x80, 0x50, CHIP_NUMBERS[chip.kind], data))
        if status == _NO_KEY:
            raise RefusedError(Refusal.CHIP_KEYS_AWAY, chip=chip.kind.value)
        if status != DONE or len(told) != _TOLD_BYTES[chip.kind]:
            raise PsamError("it does not begin a proof")
        return Proving(told, self._is_right)

    def _is_right(self, answer: bytes) -> bool:
        if not answer:
            return False
        status = _ask(self._card, _command(0x80, 0x52, 0, answer))[1]
        if status not in (DONE, _WRONG):
            raise PsamError("it does not end a proof")
        return status == DONE


def write_psam(card: Card, keys: ChipKeys, pairing: bytes, randomness: Randomness) -> Psam:
    """
    Load a fresh PSAM with shared keys, seal it to a device's pairing key, and have it prove itself.

    Until it is sealed all may be repeated after a tear; sealing is one command, and for ever.
    PsamError: it is sealed already, refused a key, or does not prove itself.
    """
    _select(card)
    for key in keys:
        number = CHIP_NUMBERS[key.kind]
        if _ask(card, _command(0x80, 0xD4, number, key.master))[1] != DONE:
            raise PsamError("it takes no keys: it was written before")
    if _ask(card, _command(0x80, 0xD8, 0, pairing))[1] != DONE:
        raise PsamError("it was not sealed")
    psam = Psam(card, pairing, randomness)
    if psam.kinds != keys.kinds:
        raise PsamError("it holds other keys than were loaded; take a fresh one")
    return psam


def _select(card: Card) -> None:
    told, status = _ask(card, _command(0x00, 0xA4, 0x04, NAME))
    if status != DONE or told != LAYOUT:
        raise PsamError("it is no PSAM of this layout")


def _command(kind: int, instruction: int, parameter: int, data: bytes) -> bytes:
    return bytes((kind, instruction, parameter, 0, len(data))) + data + b"\x00"


def _ask(card: Card, apdu: bytes) -> tuple[bytes, bytes]:
    raw = card.transmit(apdu)
    if len(raw) < STATUS_BYTES:
        raise PsamError("it was taken away")
    return raw[:-STATUS_BYTES], raw[-STATUS_BYTES:]
