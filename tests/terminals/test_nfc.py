"""Cards at a whole terminal: what is paid, what is refused, what a freeze stops."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from campus_code import CardState, ChipKind, RefusedError
from qr_terminals.__main__ import EXIT_WRONG, main
from qr_terminals.cards.identify import identify
from qr_terminals.chain import is_emergency
from qr_terminals.clock import SERVER_TIME_FRESH_SECONDS
from qr_terminals.readers import Unread
from qr_terminals.readers.nfc import NfcReader
from simulators.cards import Direct, Recorder, Replayed, Silicon, Torn
from simulators.cards.classic import Classic
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN, card
from tests.terminals.chips import (
    NFC,
    OWNERS,
    STRONG,
    ChipCampus,
    chip,
    written,
)
from tests.terminals.standin import Standin

KINDS = list(ChipKind)
FOREIGN = bytes(range(40, 46))


class Field:
    """A rig with a card in its field: what the reader thread does, without the thread."""

    def __init__(self, rig: Rig, campus: ChipCampus) -> None:
        self.rig = rig
        self.campus = campus

    def tap(self, one: Silicon) -> dict[str, Any]:
        """Hold a card there; the last line shown."""
        wanted = self.rig.terminal.wanted()
        assert wanted is not None, "the terminal asks nothing now"
        try:
            shown = identify(Direct(one), wanted, os.urandom, lambda: 0.0)
        except RefusedError as error:
            self.rig.inbox.put(Unread(error.refusal, error.evidence))
        else:
            self.rig.reader.present(shown.text, shown.proof)
        return self.rig.settle()

    def later(self) -> None:
        """Let the last result leave the screen."""
        self.rig.clocks.pass_(10)
        self.rig.terminal.tick()


@pytest.fixture
def campus() -> ChipCampus:
    return ChipCampus()


@pytest.fixture
def field(standin: Standin, campus: ChipCampus, tmp_path: Path) -> Iterator[Field]:
    """A terminal that has synced once and is alone now."""
    rig = Rig(standin.url, tmp_path / "home", standin.campus.at)
    standin.publish("chips", 1, campus.chips_document())
    rig.sync()
    rig.lines()
    standin.is_down = True
    yield Field(rig, campus)
    rig.close()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_chip_pays_and_its_record_names_it(field: Field, kind: ChipKind) -> None:
    told = field.tap(written(kind))
    assert (told["result"], told["charged_fen"]) == ("approved", FIXED_FEN)
    (held,) = field.rig.journal.records()
    record = held.record
    assert (record.credential, record.card_number) == (str(chip(kind)), card(OWNERS[kind]))
    assert not is_emergency(record)  # `classic:deadbeef` has sixteen characters too


@pytest.mark.parametrize("kind", [ChipKind.DESFIRE, ChipKind.CPU], ids=str)
def test_a_chip_pays_each_time_it_proves_itself(field: Field, kind: ChipKind) -> None:
    for _ in range(2):
        assert field.tap(written(kind))["result"] == "approved"
        field.later()
    field.rig.restart()
    field.later()
    assert field.tap(written(kind))["result"] == "approved"
    assert [held.record.sequence for held in field.rig.journal.records()] == [1, 2, 3]


def test_a_chip_says_nothing_of_the_time(field: Field) -> None:
    """It has no step; taken for step 0, a queue of chips would turn the clock by a minute."""
    field.rig.clocks.pass_(SERVER_TIME_FRESH_SECONDS + 1)
    field.rig.terminal.tick()
    assert field.tap(written(ChipKind.DESFIRE))["result"] == "approved"
    assert field.rig.clock._crowd.offsets == ()
    code = field.campus.code(5, int(field.rig.clocks.at))
    assert field.rig.scan(code)["result"] == "approved"
    assert len(field.rig.clock._crowd.offsets) == 1


def test_a_phone_pays_by_challenge_and_its_record_is_the_code(field: Field) -> None:
    told = field.tap(field.campus.phone(5))
    assert told["result"] == "approved"
    (held,) = field.rig.journal.records()
    assert held.record.credential == field.campus.code(5)
    again = field.rig.scan(field.campus.code(5))
    assert again.get("again") is True  # the same code, whichever way it was read
    field.later()
    assert field.rig.scan(field.campus.code(5))["reason"] == "already_used"


def test_what_a_phone_answered_elsewhere_pays_nothing_here(field: Field) -> None:
    """Recorded at another terminal, in the same fifteen seconds, for the same amount."""
    here = field.rig.terminal.wanted()
    assert here is not None
    recorder = Recorder(field.campus.phone(5))
    there = replace(here, terminal_id=here.terminal_id + 1)
    identify(Direct(recorder), there, os.urandom, lambda: 0.0)
    told = field.tap(Replayed(recorder.atr, recorder.answers))
    assert (told["reason"], told["evidence"]) == ("wrong_code", {"which": "challenge"})
    assert list(field.rig.journal.records()) == []


def test_the_server_is_told_what_the_phone_answered(field: Field, standin: Standin) -> None:
    standin.is_down = False
    assert field.tap(field.campus.phone(6))["online"] is True
    told = standin.asked[-1]["challenge"]
    assert set(told) == {"nonce", "amount_fen", "mac_terminal", "mac_issuer"}
    assert told["amount_fen"] == 0  # the price is fixed: the phone was asked for none


def test_a_chips_text_from_a_scanner_is_no_chip(field: Field) -> None:
    for kind in KINDS:
        told = field.rig.scan(str(chip(kind)))
        assert (told["result"], told["reason"]) == ("refused", "unreadable")
        field.later()
    assert list(field.rig.journal.records()) == []


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_one_charge_whenever_the_card_was_pulled_away(field: Field, kind: ChipKind) -> None:
    for answers in range(3):
        assert field.tap(Torn(written(kind), answers))["reason"] == "card_removed"
        field.later()
    assert field.tap(written(kind))["result"] == "approved"
    assert field.tap(Torn(written(kind), 1)) == {}  # a jerk hides no success
    assert field.tap(written(kind))["again"] is True
    assert field.tap(written(kind, bytes(range(50, 66))))["reason"] == "wrong_chip"
    assert len(list(field.rig.journal.records())) == 1


@pytest.mark.parametrize(
    "state,reason", [(CardState.FROZEN, "frozen"), (CardState.LOST, "lost")], ids=str
)
def test_a_freeze_of_the_card_refuses_its_chip(field: Field, state: CardState, reason: str) -> None:
    raw = field.campus.denylist_document(1, [OWNERS[ChipKind.DESFIRE]], state=state)
    field.rig.holdings.take(raw)
    told = field.tap(written(ChipKind.DESFIRE))
    assert (told["result"], told["reason"]) == ("refused", reason)
    assert field.tap(written(ChipKind.CPU))["result"] == "approved"


def test_a_frozen_chip_is_not_even_asked_about(field: Field, standin: Standin) -> None:
    standin.is_down = False
    field.rig.holdings.take(field.campus.denylist_document(1, [OWNERS[ChipKind.CPU]]))
    assert field.tap(written(ChipKind.CPU))["reason"] == "frozen"
    assert standin.asked == []


def test_a_classic_chip_pays_no_more_than_its_cap_a_day(field: Field) -> None:
    copy = written(ChipKind.CLASSIC)
    assert isinstance(copy, Classic)
    copy.blocks[4] = (9_999_999).to_bytes(16, "little")  # a balance somebody wrote
    assert field.tap(copy)["charged_fen"] == FIXED_FEN
    field.later()
    told = field.tap(copy.clone())
    assert (told["reason"], told["evidence"]["limit_fen"]) == ("day_limit", 1500)


def test_a_kind_that_is_switched_off_is_refused(field: Field) -> None:
    field.campus.nfc = STRONG
    field.rig.holdings.take(field.campus.rules_document(2))
    assert field.tap(written(ChipKind.CLASSIC))["reason"] == "chip_not_taken"
    assert "classic_until" not in field.rig.terminal.health().readiness


def test_the_heartbeat_warns_of_classic_until_it_is_over(field: Field) -> None:
    assert field.rig.terminal.health().readiness["classic_until"] == NFC.chips[2].ends_on


def test_an_amount_typed_anew_is_not_what_the_phone_agreed_to(field: Field) -> None:
    wanted = field.rig.terminal.wanted()
    assert wanted is not None
    other = replace(wanted, amount_fen=99)
    shown = identify(Direct(field.campus.phone(5)), other, os.urandom, lambda: 0.0)
    field.rig.reader.present(shown.text, shown.proof)
    assert field.rig.settle()["reason"] == "unreadable"


def test_guessing_pauses_the_terminal(field: Field) -> None:
    """Chips of ours that are nobody's, and chips that prove nothing."""
    for place in range(21):
        one = Classic.written(bytes(range(2, 18)), place.to_bytes(4, "big"))
        wanted = field.rig.terminal.wanted()
        if wanted is None:
            break
        field.tap(one if place % 2 else written(ChipKind.CPU, bytes(range(50, 66))))
        field.rig.clocks.pass_(0.01)
    assert field.rig.terminal.wanted() is None
    assert list(field.rig.journal.records()) == []


def test_the_eleventh_wrong_chip_is_one_too_many(field: Field) -> None:
    for place in range(11):
        assert field.rig.terminal.wanted() is not None, place
        field.tap(Classic(place.to_bytes(4, "big"), (FOREIGN, FOREIGN)))
    assert field.rig.terminal.wanted() is None
    assert field.rig.scan(field.campus.code(7))["reason"] == "too_many_wrong_codes"


def test_a_hundred_thousand_uids_pay_nothing(field: Field) -> None:
    """Twenty a second for an hour and more: nearly all find a terminal that asks nothing (N3)."""
    chance, asked = random.Random(3), 0
    for _ in range(100_000):
        field.rig.clocks.pass_(0.05)
        if field.rig.terminal.wanted() is None:
            continue
        asked += 1
        one = Classic(chance.randbytes(4), (chance.randbytes(6), chance.randbytes(6)))
        assert field.tap(one)["reason"] == "wrong_chip"
    assert 11 < asked < 500
    assert list(field.rig.journal.records()) == []


def test_without_a_card_reader_codes_are_sold_and_the_heartbeat_says_so(field: Field) -> None:
    rig, lost = field.rig, NfcReader(field.rig.terminal.wanted, "no such reader")
    rig.terminal._readers = [rig.reader, lost]
    lost.start(rig.inbox.put)
    try:
        assert rig.scan(field.campus.code(7))["result"] == "approved"
        readiness = rig.terminal.health().readiness
        assert (readiness["reader"], readiness["nfc"]) == (True, False)
    finally:
        lost.stop()


def test_writing_a_card_without_a_reader_says_so(
    field: Field, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["chip", "desfire", "--home", str(field.rig.home), "--nfc", "no such reader"]
    assert main(words) == EXIT_WRONG
    assert "There is no card reader" in capsys.readouterr().err
