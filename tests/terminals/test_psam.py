"""A PSAM holds the shared keys: right chips, forged and foreign PSAMs, and what leaves the card."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from campus_code import ChipKey, ChipKeys, ChipKind, Refusal, RefusedError
from qr_terminals.__main__ import EXIT_WRONG, main
from qr_terminals.cards.identify import Shown, identify
from qr_terminals.cards.psam import ForeignPsamError, Psam, PsamError, write_psam
from qr_terminals.condition import Links
from qr_terminals.config import Config, read_config
from qr_terminals.errors import ChipError, ConfigError
from qr_terminals.holdings import Held, Holdings
from qr_terminals.install.first_sync import sync_once
from qr_terminals.keys import load_keys
from qr_terminals.readers import Scan, Unread
from qr_terminals.readers.nfc import NfcReader
from qr_terminals.readers.psam import PsamSlot, pairing_key
from qr_terminals.write_chip import write_psam_in_slot
from simulators.cards import Direct, Recorder, Replayed, Silicon, Torn
from simulators.cards.psam import TRIES, ForgedPsam, PsamCard
from simulators.cards.vpcd import PORT, in_field
from tests.rig.pcscd import pcscd
from tests.terminals.bench import Rig, wait_for
from tests.terminals.campus import Campus
from tests.terminals.chips import KEYS, MASTERS, ChipCampus, chip, wanted, written
from tests.terminals.standin import Standin

KINDS = list(ChipKind)
PROVING = [ChipKind.DESFIRE, ChipKind.CPU]
PAIRING = bytes(range(200, 216))
FOREIGN = bytes(range(100, 116))
NUMBERS = {ChipKind.DESFIRE: 1, ChipKind.CPU: 2, ChipKind.CLASSIC: 3}
NFC_SLOT, PSAM_SLOT = "Virtual PCD 00 00", "Virtual PCD 00 01"
CAMPUS = ChipCampus()


def sealed() -> PsamCard:
    """A PSAM of this terminal with a key for every kind."""
    return PsamCard({NUMBERS[kind]: master for kind, master in MASTERS.items()}, PAIRING)


def opened(card: Silicon, pairing: bytes = PAIRING) -> Psam:
    return Psam(Direct(card), pairing, os.urandom)


def shown(one: Silicon, psam: Psam) -> Shown:
    return identify(Direct(one), replace(wanted(), safe=psam), os.urandom, lambda: 0.0)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_psam_proves_right_chips_and_refuses_forged_ones(kind: ChipKind) -> None:
    psam = opened(sealed())
    assert psam.kinds == set(KINDS)
    assert shown(written(kind), psam) == Shown(str(chip(kind)), chip(kind))
    with pytest.raises(RefusedError) as caught:
        shown(written(kind, FOREIGN), psam)
    assert caught.value.refusal is Refusal.WRONG_CHIP


@pytest.mark.parametrize("kind", PROVING, ids=str)
def test_a_recorded_chip_is_worth_nothing_before_a_psam(kind: ChipKind) -> None:
    psam, recorder = opened(sealed()), Recorder(written(kind))
    assert shown(recorder, psam).proof == chip(kind)
    with pytest.raises(RefusedError) as caught:
        shown(Replayed(recorder.atr, recorder.answers), psam)
    assert caught.value.refusal is Refusal.WRONG_CHIP


@pytest.mark.parametrize("kind", PROVING, ids=str)
def test_no_key_and_no_answer_of_a_chip_leaves_a_psam(kind: ChipKind) -> None:
    recorder = Recorder(sealed())
    spoken = Recorder(written(kind))
    shown(spoken, opened(recorder))
    said = b"".join(recorder.answers)
    assert MASTERS[kind] not in said
    one = chip(kind)
    key = KEYS.of(one)
    assert key is not None
    assert key not in said
    assert spoken.answers[-1][:8] not in said


def test_a_forged_psam_is_not_believed() -> None:
    with pytest.raises(PsamError, match="forged"):
        opened(ForgedPsam())
    recorder = Recorder(sealed())
    opened(recorder)
    with pytest.raises(PsamError, match="forged"):  # it has yesterday's answer
        opened(Replayed(recorder.atr, recorder.answers))


def test_kinds_somebody_put_into_the_answer_are_noticed() -> None:
    class Meddled(PsamCard):
        def apdu(self, command: bytes) -> bytes:
            told = super().apdu(command)
            return b"\x01" + told if command[1] == 0x82 else told

    with pytest.raises(PsamError, match="forged"):
        opened(Meddled({2: MASTERS[ChipKind.CPU]}, PAIRING))


def test_a_psam_in_another_terminal_says_nothing_and_blocks_itself() -> None:
    card = sealed()
    for _ in range(TRIES):
        with pytest.raises(ForeignPsamError, match="another terminal"):
            opened(card, FOREIGN)
    with pytest.raises(ForeignPsamError, match="blocked"):
        opened(card)
    with pytest.raises(PsamError, match="no PSAM"):
        opened(written(ChipKind.CPU))
    with pytest.raises(ForeignPsamError, match="not written"):
        opened(PsamCard())


def test_a_kind_the_psam_has_no_key_of_is_refused_by_its_name() -> None:
    psam = opened(PsamCard({2: MASTERS[ChipKind.CPU]}, PAIRING))
    assert shown(written(ChipKind.CPU), psam).proof == chip(ChipKind.CPU)
    with pytest.raises(RefusedError) as caught:
        shown(written(ChipKind.DESFIRE), psam)
    assert caught.value.refusal is Refusal.CHIP_KEYS_AWAY
    assert caught.value.evidence == {"chip": "desfire"}


def test_a_fresh_psam_is_written_whole_whenever_it_was_torn_away() -> None:
    for answers in range(12):
        for is_done in (False, True):
            card = PsamCard()
            torn = Direct(Torn(card, answers, is_done=is_done))
            try:
                write_psam(torn, KEYS, PAIRING, os.urandom)
            except PsamError:
                card.reset()
            if not card.pairing:
                write_psam(Direct(card), KEYS, PAIRING, os.urandom)
            assert opened(card).kinds == set(KINDS)


def test_a_sealed_psam_takes_no_other_keys() -> None:
    card = sealed()
    other = ChipKeys((ChipKey(ChipKind.CPU, FOREIGN),))
    with pytest.raises(PsamError, match="written before"):
        write_psam(Direct(card), other, PAIRING, os.urandom)
    used = PsamCard({1: FOREIGN})  # somebody loaded a key of his own before
    with pytest.raises(PsamError, match="fresh one"):
        write_psam(Direct(used), other, PAIRING, os.urandom)


def test_beside_a_psam_the_shared_keys_leave_the_disk(standin: Standin, tmp_path: Path) -> None:
    rig = Rig(standin.url, tmp_path / "home", standin.campus.at)
    rig.close()
    keys = load_keys(rig.home)

    def holdings(*, has_psam: bool) -> Holdings:
        return Holdings(rig.home, keys, rig.identity.server_key, has_psam=has_psam)

    before = holdings(has_psam=False)
    before.take(CAMPUS.rules_document())
    before.take(CAMPUS.keyring_document(keys.sealing_public))
    assert before.versions()["keyring"] == 1
    beside = holdings(has_psam=True)
    assert beside.versions()["keyring"] == 0, "it asks for one without them"
    beside.take(Campus.keyring_document(CAMPUS, keys.sealing_public))
    assert holdings(has_psam=True).now.chip_keys == ChipKeys()
    assert holdings(has_psam=True).versions()["keyring"] == 1


def test_provisioning_again_does_not_fetch_what_the_psam_keeps(
    standin: Standin, tmp_path: Path
) -> None:
    rig = Rig(standin.url, tmp_path / "home", standin.campus.at)
    rig.close()
    config = Config(rig.home, nfc="ACS", psam="SAM")
    sync_once(config, rig.identity, Links(0, 0, can_write=True))
    assert standin.heartbeats[-1]["has_psam"] is True


def test_a_psam_needs_slots_with_names(tmp_path: Path) -> None:
    named = read_config(None, {"home": str(tmp_path), "nfc": "ACS", "psam": "SAM"})
    assert named.psam == "SAM"
    for nfc, psam in (("any", "SAM"), ("", "SAM"), ("ACS", "any"), ("ACS", "ACS")):
        with pytest.raises(ConfigError, match="psam"):
            read_config(None, {"home": str(tmp_path), "nfc": nfc, "psam": psam})


class Counter:
    """Both slots of a real service: a field for cards and a slot for the PSAM."""

    def __init__(self, pairing: bytes = PAIRING) -> None:
        self.told: queue.Queue[Scan | Unread] = queue.Queue()
        self.psam = PsamSlot(PSAM_SLOT, pairing)
        asked = replace(wanted(), safe=self.psam)
        self.nfc = NfcReader(lambda: asked, NFC_SLOT)
        for reader in (self.nfc, self.psam):
            reader.start(self.told.put)

    def tap(self, one: Silicon) -> Scan | Unread:
        with in_field(one):
            told = self.told.get(timeout=10)
        time.sleep(0.6)  # pcscd looks for a virtual card every 400 ms
        return told

    def refused(self, one: Silicon) -> Unread:
        told = self.tap(one)
        assert isinstance(told, Unread), told
        return told


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with pcscd(tmp_path):
        counter = Counter()
        wait_for(lambda: counter.nfc.is_connected)
        yield counter
        for reader in (counter.nfc, counter.psam):
            reader.stop()


def test_a_psam_in_the_second_slot_of_a_real_service(counter: Counter) -> None:
    with in_field(sealed(), PORT + 1):
        wait_for(lambda: counter.psam.is_connected, 10)
        for kind in PROVING:
            assert counter.tap(written(kind)) == Scan(str(chip(kind)), "nfc", chip(kind))
            assert counter.refused(written(kind, FOREIGN)).reason is Refusal.WRONG_CHIP
    wait_for(lambda: not counter.psam.is_connected, 10)
    away = counter.refused(written(ChipKind.CPU))
    assert away.reason is Refusal.CHIP_KEYS_AWAY
    phone = counter.tap(CAMPUS.phone(1))
    assert isinstance(phone, Scan)
    assert phone.text == CAMPUS.code(1), "phones go on without it"
    foreign = replace(sealed(), pairing=FOREIGN)
    with in_field(foreign, PORT + 1):
        wait_for(lambda: "another terminal" in counter.psam.trouble, 10)
        refused = counter.refused(written(ChipKind.DESFIRE))
        assert refused.reason is Refusal.CHIP_KEYS_AWAY
        assert refused.evidence["which"] == counter.psam.trouble
        time.sleep(1.5)
        assert foreign.tries == TRIES - 1, "it is asked once, and does not block itself"


def test_a_psam_is_loaded_in_its_slot_and_belongs_to_this_device(
    tmp_path: Path, standin: Standin
) -> None:
    rig = Rig(standin.url, tmp_path / "home", standin.campus.at)
    pairing = pairing_key(load_keys(rig.home))
    held, card = Held(chip_keys=KEYS), PsamCard()
    with pytest.raises(ChipError, match="no keys of chips"):
        write_psam_in_slot(PSAM_SLOT, Held(), pairing)
    with ExitStack() as stack:
        stack.enter_context(pcscd(tmp_path))
        stack.enter_context(in_field(card, PORT + 1))
        assert write_psam_in_slot(PSAM_SLOT, held, pairing) == set(KINDS)
        with pytest.raises(ChipError, match="written before"):
            write_psam_in_slot(PSAM_SLOT, held, pairing)
    assert card.pairing == pairing
    rig.close()


def test_the_command_without_keys_says_so(
    tmp_path: Path, standin: Standin, capsys: pytest.CaptureFixture[str]
) -> None:
    rig = Rig(standin.url, tmp_path / "home", standin.campus.at)
    assert main(["psam", "--home", str(rig.home), "--psam", "no such slot"]) == EXIT_WRONG
    assert "no keys of chips" in capsys.readouterr().err
    rig.close()


def test_without_its_psam_a_terminal_sells_by_code_and_the_heartbeat_says_so(
    tmp_path: Path, standin: Standin
) -> None:
    rig = Rig(standin.url, tmp_path / "home", standin.campus.at)
    rig.sync()
    rig.lines()
    standin.is_down = True
    lost = PsamSlot("no such slot", PAIRING)
    rig.terminal._readers = [rig.reader, lost]
    lost.start(rig.inbox.put)
    try:
        assert rig.scan(standin.campus.code(7))["result"] == "approved"
        readiness = rig.terminal.health().readiness
        assert (readiness["reader"], readiness["psam"]) == (True, False)
        assert readiness["readers_away"] == [lost.name]
    finally:
        lost.stop()
        rig.close()
