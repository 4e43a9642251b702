"""The slot a PSAM sits in: kept open on a thread of its own, and opened again when it was lost."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final, TypeVar

from campus_code import Chip, ChipKind, Refusal, RefusedError
from qr_terminals.cards.psam import PAIRING_BYTES, ForeignPsamError, Psam, PsamError
from qr_terminals.cards.safe import Proving
from qr_terminals.keys import DeviceKeys
from qr_terminals.readers import Sink, reader_name
from qr_terminals.readers.pcsc import NoSlotError, Slot

PSAM: Final = "psam"
LOOK_SECONDS: Final = 0.5
REOPEN_SECONDS: Final = 1.0

Told = TypeVar("Told")


class PsamSlot:
    """
    The safe behind a slot. `name` of the slot is a part of the reader's name. What a PSAM cannot
    do refuses the chip alone, as CHIP_KEYS_AWAY; codes and phones go on.
    """

    def __init__(self, slot: str, pairing: bytes) -> None:
        self._slot = slot
        self._pairing = pairing
        self.name = reader_name(PSAM, slot)
        self.trouble = "it was not looked for yet"
        self._psam: Psam | None = None
        self._using = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the PSAM of this device is there and has proved itself."""
        return self._psam is not None

    @property
    def kinds(self) -> frozenset[ChipKind]:
        """The kinds whose chips it proves now."""
        psam = self._psam
        return frozenset() if psam is None else psam.kinds

    def start(self, sink: Sink) -> None:
        """Keep the slot open until stopped; nothing ever comes into the sink."""
        del sink
        self._thread = threading.Thread(target=self._run, name="psam", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let go of the slot."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def begin(self, chip: Chip, heard: bytes) -> Proving:
        """As every safe does, from any thread."""
        psam = self._psam
        if psam is None:
            raise _away(self.trouble)
        proving = self._asked(psam, lambda: psam.begin(chip, heard))

        def is_right(answer: bytes) -> bool:
            return self._asked(psam, lambda: proving.is_right(answer))

        return Proving(proving.told, is_right)

    def _asked(self, psam: Psam, ask: Callable[[], Told]) -> Told:
        with self._using:
            if self._psam is not psam:  # only the session that began a proof can end it
                raise _away(self.trouble)
            try:
                return ask()
            except PsamError as error:
                self._psam, self.trouble = None, str(error)
                raise _away(self.trouble) from error

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with closing(Slot(self._slot)) as slot:
                    self._hold(slot)
            except (NoSlotError, PsamError) as error:
                self.trouble = str(error)
            with self._using:
                self._psam = None
            self._stopping.wait(REOPEN_SECONDS)

    def _hold(self, slot: Slot) -> None:
        """Open the PSAM in this slot and stay with it; PsamError when it does not open or ends."""
        card = slot.connect() if slot.has_card(LOOK_SECONDS) else None
        if card is None:
            raise PsamError("there is none in the slot")
        try:
            with self._using:
                self._psam = Psam(card, self._pairing, secrets.token_bytes)
            while not self._stopping.is_set():
                if not slot.has_card(LOOK_SECONDS):
                    raise PsamError("it was taken away")
                if self._psam is None:
                    raise PsamError(self.trouble)
        except ForeignPsamError as error:
            # another terminal's: it is left in peace until it was taken out, or blocks itself
            self.trouble = str(error)
            while not self._stopping.is_set() and slot.has_card(LOOK_SECONDS):
                pass
        finally:
            card.disconnect()


def pairing_key(keys: DeviceKeys) -> bytes:
    """What this device and its PSAM, and nobody else, know."""
    return keys.derive(PSAM)[:PAIRING_BYTES]


def _away(why: str) -> RefusedError:
    return RefusedError(Refusal.CHIP_KEYS_AWAY, which=why)
