"""A contactless reader by PC/SC: phones and chips. Where there is none it tries again."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import closing

from campus_code import Refusal, RefusedError, ShapeError
from qr_terminals.cards.identify import Shown, Wanted, identify
from qr_terminals.readers import Scan, Sink, Unread, reader_name
from qr_terminals.readers.pcsc import ANY_SLOT, NoSlotError, Slot
from qr_terminals.readers.threads import ReaderThread

NFC = "nfc"
LOOK_SECONDS = 0.2
REOPEN_SECONDS = 1.0


class NfcReader(ReaderThread):
    """
    One slot. `wanted` says what the terminal asks of the next card, None while it asks nothing. A
    card is asked once; it must leave the field before it, or another, is asked again.
    """

    def __init__(self, wanted: Callable[[], Wanted | None], slot: str = ANY_SLOT) -> None:
        super().__init__(reader_name(NFC, slot), (NoSlotError,), REOPEN_SECONDS)
        self._wanted = wanted
        self._slot = slot

    def _hold(self, sink: Sink) -> None:
        with closing(Slot(self._slot)) as slot:
            self._is_connected = True
            self._read(slot, sink)

    def _read(self, slot: Slot, sink: Sink) -> None:
        is_told = False
        while not self._stopping.is_set():
            if not slot.has_card(LOOK_SECONDS):
                is_told = False
                continue
            wanted = None if is_told else self._wanted()
            if wanted is None:
                self._stopping.wait(LOOK_SECONDS / 10)
                continue
            is_told = True
            sink(self._ask(slot, wanted))

    @staticmethod
    def _ask(slot: Slot, wanted: Wanted) -> Scan | Unread:
        try:
            shown = _identify(slot, wanted)
        except RefusedError as error:
            return Unread(error.refusal, error.evidence)
        except ShapeError:
            # an amount no phone may be asked for, or a chip whose key would be a transport key
            return Unread(Refusal.UNREADABLE, {})
        return Scan(shown.text, "nfc", shown.proof)


def _identify(slot: Slot, wanted: Wanted) -> Shown:
    card = slot.connect()
    if card is None:
        raise RefusedError(Refusal.CARD_REMOVED)
    try:
        return identify(card, wanted, secrets.token_bytes, time.monotonic)
    finally:
        card.disconnect()
