"""
One slot of a card reader, by PC/SC. pyscard is imported when a slot is opened and not before: a
terminal without it, or without pcscd, sells by code.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

ANY_SLOT = "any"
_MILLISECONDS = 1000


class NoSlotError(Exception):
    """No service, no reader of that name, or neither any more; it may come back."""


class Slot:
    """An open slot. `name` is a part of the reader's name, "any" for the first one there is."""

    def __init__(self, name: str = ANY_SLOT) -> None:
        """Find the reader, else NoSlotError."""
        self._scard = _scard()
        code, self._context = self._scard.SCardEstablishContext(self._scard.SCARD_SCOPE_USER)
        self._check(code)
        code, names = self._scard.SCardListReaders(self._context, [])
        found = [one for one in names or () if name in (ANY_SLOT, one) or name in one]
        if code != self._scard.SCARD_S_SUCCESS or not found:
            self.close()
            raise NoSlotError(f"no reader is named {name}")
        self._name = found[0]
        self._state = self._scard.SCARD_STATE_UNAWARE

    def close(self) -> None:
        """Let go of the service."""
        self._scard.SCardReleaseContext(self._context)

    def has_card(self, seconds: float) -> bool:
        """Whether a card that answers lies in the field; waits so long for a change."""
        asked = [(self._name, self._state)]
        milliseconds = int(seconds * _MILLISECONDS)
        code, told = self._scard.SCardGetStatusChange(self._context, milliseconds, asked)
        if code != self._scard.SCARD_E_TIMEOUT:
            self._check(code)
            self._state = told[0][1] & ~self._scard.SCARD_STATE_CHANGED
        if self._state & (self._scard.SCARD_STATE_UNKNOWN | self._scard.SCARD_STATE_UNAVAILABLE):
            raise NoSlotError("the reader was unplugged")
        is_mute = self._state & self._scard.SCARD_STATE_MUTE
        return bool(self._state & self._scard.SCARD_STATE_PRESENT) and not is_mute

    def connect(self) -> SlotCard | None:
        """The card in the field, for this program alone; None when it is gone again."""
        scard = self._scard
        both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, card, protocol = scard.SCardConnect(
            self._context, self._name, scard.SCARD_SHARE_EXCLUSIVE, both
        )
        if code == scard.SCARD_E_NO_SERVICE:
            raise NoSlotError("the service ended")
        return SlotCard(scard, card, protocol) if code == scard.SCARD_S_SUCCESS else None

    def _check(self, code: int) -> None:
        if code != self._scard.SCARD_S_SUCCESS:
            raise NoSlotError(self._scard.SCardGetErrorMessage(code))


class SlotCard:
    """A card in a slot."""

    def __init__(self, scard: ModuleType, card: Any, protocol: int) -> None:  # noqa: ANN401 - a handle
        self._scard, self._card = scard, card
        is_t1 = protocol == scard.SCARD_PROTOCOL_T1
        self._header = scard.SCARD_PCI_T1 if is_t1 else scard.SCARD_PCI_T0

    def transmit(self, apdu: bytes) -> bytes:
        """The answer; nothing when the card was taken away."""
        code, answer = self._scard.SCardTransmit(self._card, self._header, list(apdu))
        return bytes(answer) if code == self._scard.SCARD_S_SUCCESS else b""

    def disconnect(self) -> None:
        """Let go of the card; whoever connects next begins anew."""
        self._scard.SCardDisconnect(self._card, self._scard.SCARD_RESET_CARD)


def _scard() -> ModuleType:
    try:
        return importlib.import_module("smartcard.scard")
    except ImportError as error:
        raise NoSlotError("pyscard is not installed") from error
