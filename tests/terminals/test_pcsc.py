"""Cards through a real pcscd and a virtual reader: the same answers; and readers that are lost."""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from campus_code import ChipKeys, ChipKind, Refusal
from qr_terminals.errors import ChipError
from qr_terminals.holdings import Held
from qr_terminals.readers import Scan, Unread
from qr_terminals.readers.nfc import NfcReader
from qr_terminals.readers.pcsc import NoSlotError, Slot
from qr_terminals.write_chip import write_chip, write_in_slot
from simulators.cards import Direct, Recorder, Relayed, Replayed, Silicon, Torn
from simulators.cards.vpcd import in_field
from tests.rig.pcscd import alone, pcscd
from tests.terminals.bench import wait_for
from tests.terminals.chips import KEYS, STRONG, ChipCampus, chip, fresh, wanted, written

KINDS = list(ChipKind)
FOREIGN = bytes(range(100, 116))
CAMPUS = ChipCampus()
HELD = Held(rules=CAMPUS.rules(), chip_keys=KEYS)


class Desk:
    """A reader thread on the virtual slot, and what it reports."""

    def __init__(self) -> None:
        self.told: queue.Queue[Scan | Unread] = queue.Queue()
        self.reader = NfcReader(wanted, "Virtual PCD")
        self.reader.start(self.told.put)

    def tap(self, one: Silicon) -> Scan | Unread:
        """Hold a card there until it was asked, then take it away."""
        with in_field(one):
            told = self.told.get(timeout=10)
        time.sleep(0.6)  # pcscd looks for a virtual card every 400 ms
        return told

    def refused(self, one: Silicon) -> Refusal:
        told = self.tap(one)
        assert isinstance(told, Unread), told
        return told.reason


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with pcscd(tmp_path):
        desk = Desk()
        wait_for(lambda: desk.reader.is_connected)
        yield desk
        desk.reader.stop()


def test_every_kind_and_its_forgeries_through_a_real_reader(desk: Desk) -> None:
    told = desk.tap(CAMPUS.phone(1))
    assert isinstance(told, Scan)
    assert told.text == CAMPUS.code(1)
    for kind in KINDS:
        recorder = Recorder(written(kind))
        assert desk.tap(recorder) == Scan(str(chip(kind)), "nfc", chip(kind))
        assert desk.refused(written(kind, FOREIGN)) is Refusal.WRONG_CHIP
        assert desk.refused(Torn(written(kind), 2)) is Refusal.CARD_REMOVED
        if kind is not ChipKind.CLASSIC:  # which a recording imitates
            again = Replayed(recorder.atr, recorder.answers)
            assert desk.refused(again) is Refusal.WRONG_CHIP
    far = Relayed(written(ChipKind.DESFIRE), lambda: time.sleep(0.3))
    assert desk.refused(far) is Refusal.WRONG_CHIP


def test_a_card_left_in_the_field_is_asked_once(desk: Desk) -> None:
    with in_field(written(ChipKind.CPU)):
        assert isinstance(desk.told.get(timeout=10), Scan)
        with pytest.raises(queue.Empty):
            desk.told.get(timeout=1)


def test_a_fresh_card_is_written_in_the_slot(tmp_path: Path) -> None:
    with pcscd(tmp_path):
        one = fresh(ChipKind.DESFIRE)
        with in_field(one):
            assert write_in_slot("any", ChipKind.DESFIRE, HELD) == chip(ChipKind.DESFIRE)
        with pytest.raises(NoSlotError), closing(Slot("no such reader")):
            pass


def test_without_a_service_there_is_no_slot_and_it_comes_back(tmp_path: Path) -> None:
    reader = NfcReader(wanted)
    found: queue.Queue[Scan | Unread] = queue.Queue()
    with alone():
        reader.start(found.put)
        try:
            for part in ("first", "second"):
                folder = tmp_path / part
                folder.mkdir()
                with pcscd(folder, is_alone=True):
                    wait_for(lambda: reader.is_connected, 10)
                    with in_field(written(ChipKind.CPU)):
                        assert isinstance(found.get(timeout=10), Scan)
                wait_for(lambda: not reader.is_connected, 10)
        finally:
            reader.stop()


def test_without_pyscard_there_is_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    with pytest.raises(NoSlotError, match="pyscard is not installed"):
        Slot()


def test_what_cannot_be_written_is_named() -> None:
    one = Direct(fresh(ChipKind.DESFIRE))
    off = replace(HELD, rules=replace(CAMPUS.rules(), nfc=STRONG))
    wrong = (
        (one, ChipKind.CLASSIC, off, "do not take classic"),
        (one, ChipKind.DESFIRE, replace(HELD, chip_keys=ChipKeys()), "No key"),
        (Direct(Torn(fresh(ChipKind.DESFIRE), 3)), ChipKind.DESFIRE, HELD, "half-way"),
        (Direct(written(ChipKind.DESFIRE, FOREIGN)), ChipKind.DESFIRE, HELD, "somebody else"),
        (Direct(fresh(ChipKind.CPU)), ChipKind.DESFIRE, HELD, "another kind"),
    )
    for card, kind, held, why in wrong:
        with pytest.raises(ChipError, match=why):
            write_chip(card, kind, held, lambda: 0.0)
