"""A contactless reader by PC/SC: phones and chips. Where there is none it tries again."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import closing

from campus_code import Refusal, RefusedError, ShapeError
from qr_terminals.cards.identify import Shown, Wanted, identify
from qr_terminals.readers import Scan, Sink, Unread, reader_name
from qr_terminals.readers.pcsc import ANY_SLOT, NoSlotError, Slot

NFC = "nfc"
LOOK_SECONDS = 0.2
REOPEN_SECONDS = 1.0


class NfcReader:
    """
    One slot. `wanted` says what the terminal asks of the next card, None while it asks nothing. A
    card is asked once; it must leave the field before it, or another, is asked again.
    """

    def __init__(self, wanted: Callable[[], Wanted | None], slot: str = ANY_SLOT) -> None:
        self._wanted = wanted
        self._slot = slot
        self.name = reader_name(NFC, slot)
        self._is_connected = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the slot is there now."""
        return self._is_connected

    def start(self, sink: Sink) -> None:
        """Read on a thread of its own until stopped."""
        self._thread = threading.Thread(
            target=self._run, args=(sink,), name="nfc-reader", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let go of the slot."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _run(self, sink: Sink) -> None:
        while not self._stopping.is_set():
            try:
                with closing(Slot(self._slot)) as slot:
                    self._is_connected = True
                    self._read(slot, sink)
            except NoSlotError:
                # no service or no reader, or not yet: the heartbeat says so, and it is opened again
                self._is_connected = False
                self._stopping.wait(REOPEN_SECONDS)
        self._is_connected = False

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
