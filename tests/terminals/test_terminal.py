"""A whole terminal in one process: what is shown, what is kept, what the server gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from campus_code import CardState, RecordKind
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN, FREE, Campus
from tests.terminals.standin import Standin


def test_an_online_tap_is_approved_recorded_and_uploaded_as_a_repeat(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    shown = rig.scan(campus.code(1))
    assert (shown["result"], shown["charged_fen"], shown["online"]) == ("approved", FIXED_FEN, True)
    rig.sync()
    assert standin.outcomes == [(1, "repeated")]
    assert standin.charged() == {1: FIXED_FEN}
    assert rig.journal.depth() == 0


def test_without_a_network_the_terminal_decides_alone_and_uploads_later(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    shown = rig.scan(campus.code(1))
    assert (shown["result"], shown["online"]) == ("approved", False)
    standin.is_down = False
    rig.sync()
    assert standin.outcomes == [(1, "posted")]
    assert standin.charged() == {1: FIXED_FEN}


def test_a_slow_server_is_not_waited_for_and_the_same_sequence_is_used(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.hang_seconds = 1.5
    shown = rig.scan(campus.code(1))
    assert (shown["result"], shown["online"], shown["sequence"]) == ("approved", False, 1)
    standin.hang_seconds = 0
    rig.sync()
    assert standin.charged() == {1: FIXED_FEN}
    assert standin.outcomes == [(1, "repeated")]


def test_a_lost_answer_charges_once(rig: Rig, campus: Campus, standin: Standin) -> None:
    standin.drops_payment_answers = True
    shown = rig.scan(campus.code(1))
    assert shown["result"] == "approved"
    assert list(standin.online) == [1]
    rig.sync()
    assert standin.charged() == {1: FIXED_FEN}


def test_a_declined_attempt_is_closed_by_its_own_reversal(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.decline = "insufficient_funds"
    shown = rig.scan(campus.code(1))
    assert (shown["result"], shown["reason"]) == ("refused", "insufficient_funds")
    record = next(rig.journal.records()).record
    assert (record.kind, record.reverses, record.sequence) == (RecordKind.REVERSAL, 1, 1)
    assert rig.journal.open_attempt() is None
    standin.decline = ""
    rig.clocks.pass_(4)
    assert rig.scan(campus.code(1))["sequence"] == 2  # the code has not paid, so it still can
    rig.sync()
    assert standin.charged() == {2: FIXED_FEN}


def test_unanswered_and_refused_alone_ends_in_a_reversal(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.drops_payment_answers = True
    rig.clocks.pass_(10)
    for number in range(5):
        campus.at += 15
        rig.clocks.pass_(15)
        assert rig.scan(campus.code(1))["result"] == "approved", number
    campus.at += 15
    rig.clocks.pass_(15)
    rig.terminal._till.circuit = type(rig.terminal._till.circuit)()
    shown = rig.scan(campus.code(1))
    assert shown["reason"] == "offline_count"
    rig.sync()
    assert sorted(standin.charged()) == [1, 2, 3, 4, 5]
    assert 6 in standin.online  # it was posted there, and the reversal undid it


def test_the_same_scan_again_shows_the_same_and_charges_nothing(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    first = rig.scan(campus.code(1))
    again = rig.scan(campus.code(1))
    assert again == {**first, "again": True}
    rig.clocks.pass_(4)
    assert rig.scan(campus.code(1))["reason"] == "already_used"
    assert len(standin.online) == 1


def test_one_approval_of_fifty_presentations_across_restarts(
    offline_rig: Rig, campus: Campus
) -> None:
    rig = offline_rig
    charged = set()
    for turn in range(50):
        shown = rig.scan(campus.code(1))
        if shown["result"] == "approved":
            charged.add(shown["sequence"])
        if turn % 7 == 3:
            rig.restart()
            rig.lines()
    assert charged == {1}
    assert rig.journal.sequence == 1


def test_replay_is_remembered_after_the_record_was_pruned(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig.scan(campus.code(1))
    rig.sync()
    rig.sync()
    assert rig.journal.prune(campus.at + 1) == 1
    rig.restart()
    assert rig.scan(campus.code(1))["reason"] == "already_used"
    assert rig.journal.next_sequence == 2


def test_an_older_step_of_the_same_card_is_refused(offline_rig: Rig, campus: Campus) -> None:
    rig = offline_rig
    assert rig.scan(campus.code(1))["result"] == "approved"
    assert rig.scan(campus.code(1, campus.at - 15))["reason"] == "already_used"


def test_an_emergency_code_pays_once_a_day(offline_rig: Rig, campus: Campus) -> None:
    rig = offline_rig
    assert rig.scan(campus.emergency(1))["result"] == "approved"
    rig.restart()
    rig.clocks.pass_(4)
    assert rig.scan(campus.emergency(1))["reason"] == "emergency_used"
    assert rig.scan(campus.emergency(2)[:-1] + "x")["reason"] == "unreadable"


@pytest.mark.parametrize(
    "text,reason",
    [
        ("134567890123456789", "foreign_code"),
        ("hello world", "unreadable"),
        ("9" * 34, "unreadable"),
    ],
)
def test_what_is_no_campus_code_is_named(rig: Rig, text: str, reason: str) -> None:
    assert rig.scan(text)["reason"] == reason
    assert rig.journal.sequence == 0


def test_guessing_pauses_the_terminal(rig: Rig, campus: Campus) -> None:
    wrong = campus.code(1)[:16] + "000000000000000000"
    reasons = [rig.scan(wrong[:-2] + f"{number:02d}")["reason"] for number in range(21)]
    assert reasons == ["wrong_code"] * 21
    assert rig.scan(campus.code(2))["reason"] == "too_many_wrong_codes"
    rig.clocks.pass_(6)
    assert rig.scan(campus.code(2))["result"] == "approved"


def test_a_card_frozen_by_the_denylist_is_refused_on_and_off_line(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig.holdings.take(campus.denylist_document(3, [1]))
    assert rig.scan(campus.code(1))["reason"] == "frozen"
    standin.is_down = True
    assert rig.scan(campus.code(1, campus.at + 15))["reason"] == "frozen"
    assert standin.asked == []


def test_a_denial_acts_on_a_card_the_directory_has_not_heard_of(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig.holdings.take(campus.denylist_document(3, [77]))
    assert rig.scan(campus.code(77))["reason"] == "frozen"
    assert standin.asked == []


def test_a_freeze_that_arrives_while_the_server_is_asked_still_refuses(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.hang_seconds = 1.5
    rig.reader.present(campus.code(1))
    rig.terminal.take(rig.inbox.get(timeout=1))
    rig.holdings.take(campus.denylist_document(3, [1]))
    assert rig.settle()["reason"] == "frozen"
    rig.sync()
    assert standin.charged() == {}


def test_a_lifted_freeze_pays_again(rig: Rig, campus: Campus) -> None:
    rig.holdings.take(campus.denylist_document(3, [1]))
    rig.holdings.take(campus.denylist_document(4, [1], base=3, state=CardState.ACTIVE))
    assert rig.scan(campus.code(1))["result"] == "approved"


def test_a_card_the_directory_does_not_know_is_asked_online_and_refused_alone(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    assert rig.scan(campus.code(77))["result"] == "approved"
    assert rig.scan(campus.code(1, issue=2))["result"] == "approved"
    standin.is_down = True
    assert rig.scan(campus.code(78))["reason"] == "unknown_card"
    assert rig.scan(campus.code(2, issue=2))["reason"] == "replaced_credential"


def test_the_budget_of_a_card_without_the_server_is_bounded(
    offline_rig: Rig, campus: Campus
) -> None:
    rig = offline_rig
    results = []
    for _ in range(7):
        results.append(rig.scan(campus.code(1, campus.at)).get("reason", "approved"))
        campus.at += 15
        rig.clocks.pass_(15)
    assert results == ["approved"] * 5 + ["offline_count"] * 2
    rig.restart()
    rig.lines()
    assert rig.scan(campus.code(1))["reason"] == "offline_count"


def test_a_sync_gives_the_budget_back(rig: Rig, campus: Campus, standin: Standin) -> None:
    standin.is_down = True
    for _ in range(6):
        rig.scan(campus.code(1))
        campus.at += 15
        rig.clocks.pass_(15)
    standin.is_down = False
    rig.sync()
    standin.is_down = True
    rig.lines()
    assert rig.scan(campus.code(1))["result"] == "approved"


def test_a_void_is_a_new_record_and_gives_the_money_back(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig.scan(campus.code(1))
    shown = rig.type("void")
    assert (shown["result"], shown["sequence"], shown["reverses"]) == ("voided", 2, 1)
    assert rig.type("void")["result"] == "nothing_to_void"
    rig.sync()
    assert standin.charged() == {}
    rig.clocks.pass_(4)
    assert rig.scan(campus.code(1))["reason"] == "already_used"


def test_an_old_payment_cannot_be_voided(rig: Rig, campus: Campus) -> None:
    rig.scan(campus.code(1))
    rig.clocks.pass_(601)
    assert rig.type("void")["result"] == "nothing_to_void"


def test_a_typed_amount_is_asked_once(standin: Standin, campus: Campus, rig: Rig) -> None:
    _as_group(rig, FREE)
    assert rig.scan(campus.code(1))["reason"] == "no_price"
    assert rig.type("amount 880")["amount_fen"] == 880
    shown = rig.scan(campus.code(1))
    assert (shown["result"], shown["charged_fen"]) == ("approved", 880)
    assert rig.scan(campus.code(2))["reason"] == "no_price"
    assert standin.asked[-1]["asked_fen"] == 880


def _as_group(rig: Rig, group_id: str) -> None:
    till = rig.terminal._till
    till._parts = type(till._parts)(
        group_id,
        rig.journal,
        rig.holdings,
        rig.clock,
        rig.terminal._asker,
        rig.clock.boot_now,
    )


def test_a_pin_is_sent_with_the_same_code(rig: Rig, campus: Campus, standin: Standin) -> None:
    standin.decline = "pin_required"
    assert rig.scan(campus.code(1))["reason"] == "pin_required"
    standin.decline = ""
    assert rig.type("pin 123456")["result"] == "approved"
    assert standin.asked[-1]["pin"] == "123456"
    assert "123456" not in rig.shown_text


def test_a_pin_without_a_wish_for_one_does_nothing(rig: Rig, standin: Standin) -> None:
    rig.type("pin 123456")
    assert standin.asked == []


def test_the_last_payment_is_shown_again_after_a_restart_and_can_be_voided(
    offline_rig: Rig, campus: Campus
) -> None:
    rig = offline_rig
    first = rig.scan(campus.code(1))
    rig.restart()
    shown = [line for line in rig.lines() if line["event"] == "shown"]
    assert shown == [{**first, "after_restart": True}]
    assert rig.type("void")["reverses"] == 1
    rig.restart()
    assert [line for line in rig.lines() if line["event"] == "shown"] == []


def test_an_attempt_left_open_is_reversed_at_the_start(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.hang_seconds = 1.5
    rig.reader.present(campus.code(1))
    rig.terminal.take(rig.inbox.get(timeout=1))  # asked, not answered: now the power goes
    rig.restart()
    assert rig.journal.open_attempt() is None
    standin.hang_seconds = 0
    rig.sync()
    assert standin.charged() == {}
    rig.clocks.pass_(4)
    assert rig.scan(campus.code(1))["sequence"] == 2


def test_a_revoked_terminal_takes_nothing_even_after_a_restart(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.is_revoked = True
    rig.sync()
    rig.lines()
    assert rig.scan(campus.code(1)) == {}
    rig.restart()
    rig.lines()
    assert rig.scan(campus.code(1)) == {}
    assert rig.journal.sequence == 0
    standin.is_revoked = False
    rig.sync()
    assert rig.scan(campus.code(1))["result"] == "approved"


def test_a_tap_that_learns_of_the_revocation_is_not_approved_alone(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.is_revoked = True
    assert rig.scan(campus.code(1))["reason"] == "terminal_revoked"
    assert rig.scan(campus.code(2)) == {}
    assert rig.journal.sequence == 1  # the reversal of that attempt
    standin.is_revoked = False
    rig.sync()
    assert standin.charged() == {}


def test_a_second_tap_during_the_first_begins_nothing(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.hang_seconds = 0.3
    rig.reader.present(campus.code(1))
    rig.reader.present(campus.code(1))
    rig.reader.present(campus.code(2))
    rig.settle()
    rig.terminal.tick()
    assert len(standin.asked) == 1
    assert rig.journal.sequence == 1


def test_without_rules_nothing_is_taken(standin: Standin, tmp_path: Path, campus: Campus) -> None:
    rig = Rig(standin.url, tmp_path / "new", campus.at)
    assert rig.scan(campus.code(1))["result"] == "not_ready"
    rig.close()


def test_refusals_are_counted_for_the_heartbeat(rig: Rig, campus: Campus, standin: Standin) -> None:
    rig.scan("hello world")
    rig.scan("hello moon")
    rig.restart()
    rig.sync()
    counts = standin.heartbeats[-1]["heartbeat"]["refusals"]
    assert counts == {"20260101": {"unreadable": 2}}


def test_amounts_that_are_none_are_reversed_rather_than_believed(
    rig: Rig, campus: Campus, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.terminals.standin.FIXED_FEN", 10**9)
    shown = rig.scan(campus.code(1))
    assert (shown["result"], shown["reason"]) == ("refused", "reversed")
    rig.sync()
    assert standin.charged() == {}
