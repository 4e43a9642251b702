"""What a cashier does besides selling: dishes, voids with authority, training, the shift."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campus_code import Dish, DocumentKind, MenuItem, to_json
from qr_terminals.authority import AUTHORITY_FILE, LOCK_SECONDS, WRONG_MAX, set_authority
from qr_terminals.control import Order
from qr_terminals.errors import ConfigError
from qr_terminals.takings import RECENT_MAX, Takings
from qr_terminals.till import VOID_SECONDS_MAX
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN, FREE, Campus, free_rules
from tests.terminals.standin import Standin

PIN = "482913"
MENU = (MenuItem("1", "米饭", "Rice", 50), MenuItem("12", "红烧肉", "Braised pork", 950))


@pytest.fixture
def free_rig(standin: Standin, tmp_path: Path) -> Iterator[Rig]:
    """A terminal of a group that sells from a menu."""
    campus = standin.campus
    rules = to_json(free_rules(campus, MENU))
    standin.group_id = FREE
    rig = Rig(standin.url, tmp_path / "home", campus.at)
    standin.publish("rules", 2, campus.sign(DocumentKind.RULES, 2, rules))
    rig.sync()
    rig.lines()
    yield rig
    rig.close()


def pay(rig: Rig, campus: Campus, *numbers: int) -> list[int]:
    """These cards pay the fixed price; the sequences of their records."""
    shown = [rig.scan(campus.code(n, int(rig.clocks.at))) for n in numbers]
    assert [line["result"] for line in shown] == ["approved"] * len(numbers)
    return [line["sequence"] for line in shown]


# ------------------------------------------------------------------------------------- dishes


def test_dishes_are_priced_from_the_signed_menu(free_rig: Rig, standin: Standin) -> None:
    standin.is_down = True
    assert free_rig.type("dishes 12*2 1")["amount_fen"] == 1950
    code = standin.campus.code(1)
    assert free_rig.scan(code)["charged_fen"] == 1950


def test_a_list_that_was_paid_meanwhile_is_not_asked_of_the_next(
    free_rig: Rig, standin: Standin
) -> None:
    standin.is_down = True
    rice, seen = (Dish("1"),), 0
    free_rig.inbox.put(Order("dishes", dishes=rice, sequence=seen))
    free_rig.settle()
    assert free_rig.scan(standin.campus.code(1))["result"] == "approved"
    free_rig.inbox.put(Order("dishes", dishes=(*rice, Dish("12")), sequence=seen))
    assert free_rig.settle()["result"] == "busy"
    assert free_rig.terminal.state.amount_fen is None


def test_what_is_not_on_the_menu_is_named_and_the_amount_stays(free_rig: Rig) -> None:
    free_rig.type("amount 300")
    told = free_rig.type("dishes 99")
    assert (told["result"], told["amount_fen"]) == ("unknown_dish", 300)
    assert "99" in told["en"]
    assert free_rig.type("amount -").get("amount_fen") is None


def test_a_window_without_a_menu_sells_no_dishes(rig: Rig) -> None:
    assert rig.type("dishes 1")["result"] == "unknown_dish"


# -------------------------------------------------------------------------------------- voids


def test_any_of_the_last_ten_can_be_voided_once(offline_rig: Rig, standin: Standin) -> None:
    first, second, third = pay(offline_rig, standin.campus, 1, 2, 3)
    voided = offline_rig.type(f"void {second}")
    assert (voided["result"], voided["reverses"]) == ("voided", second)
    assert offline_rig.type(f"void {second}")["result"] == "nothing_to_void"
    assert offline_rig.type("void 999")["result"] == "nothing_to_void"
    book = offline_rig.terminal.till.memory.takings
    assert (sorted(book.recent), book.voided) == ([first, second, third], {second})
    assert book.of_day(20260101) == Takings(3, 3 * FIXED_FEN, 3, 1, FIXED_FEN)


def test_only_young_payments_and_only_the_last_ten_can_be_voided(
    offline_rig: Rig, standin: Standin
) -> None:
    [old] = pay(offline_rig, standin.campus, 0)
    offline_rig.clocks.pass_(VOID_SECONDS_MAX + 1)
    assert offline_rig.type(f"void {old}")["result"] == "nothing_to_void"
    many = pay(offline_rig, standin.campus, *range(1, RECENT_MAX + 2))
    assert offline_rig.type(f"void {many[0]}")["result"] == "nothing_to_void"
    assert offline_rig.type(f"void {many[1]}")["result"] == "voided"


def test_a_void_asks_for_the_authority_where_one_is_set(rig: Rig, standin: Standin) -> None:
    set_authority(rig.home, PIN)
    rig.restart()
    [sequence] = pay(rig, standin.campus, 1)
    for words, told in [("", "needs_authority"), (f" {sequence} 000000", "wrong_authority")]:
        assert rig.type(f"void{words}")["result"] == told
    assert rig.journal.sequence == sequence
    assert rig.type(f"void {sequence} {PIN}")["result"] == "voided"


def test_wrong_authorities_lock_it_and_a_restart_does_not_help(rig: Rig, standin: Standin) -> None:
    set_authority(rig.home, PIN)
    rig.restart()
    [sequence] = pay(rig, standin.campus, 1)
    for n in range(WRONG_MAX):
        if n == 2:
            rig.restart()
        told = rig.type(f"void {sequence} 000000")["result"]
        assert told == ("authority_locked" if n == WRONG_MAX - 1 else "wrong_authority")
    rig.restart()
    assert rig.type(f"void {sequence} {PIN}")["result"] == "authority_locked"
    rig.clocks.pass_(LOCK_SECONDS)
    assert rig.type(f"void {sequence} {PIN}")["result"] == "voided"


def test_the_authority_is_kept_as_a_private_hash(tmp_path: Path) -> None:
    set_authority(tmp_path, PIN)
    kept = tmp_path / AUTHORITY_FILE
    assert PIN.encode() not in kept.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600
    for pin in ("123", "1234567890123", "12a4", "１２３４", ""):
        with pytest.raises(ConfigError):
            set_authority(tmp_path, pin)


# ----------------------------------------------------------------------------------- training


def test_training_judges_a_true_code_and_writes_nothing(offline_rig: Rig, standin: Standin) -> None:
    code = standin.campus.code(1)
    before = offline_rig.journal.tip
    assert offline_rig.type("training on")["training"]
    trained = offline_rig.scan(code)
    assert (trained["result"], trained["amount_fen"], trained["training"]) == (
        "trained",
        FIXED_FEN,
        True,
    )
    assert offline_rig.scan("9" * 34)["result"] == "refused"
    assert offline_rig.type("void")["result"] == "nothing_to_void"
    assert (offline_rig.journal.tip, offline_rig.journal.refusals()) == (before, {})
    assert offline_rig.journal.open_attempt() is None
    assert "training" not in offline_rig.type("training off")
    assert offline_rig.scan(code)["charged_fen"] == FIXED_FEN  # it had not been used up


def test_training_does_not_ask_the_server(rig: Rig, standin: Standin) -> None:
    rig.type("training on")
    assert rig.scan(standin.campus.code(1))["result"] == "trained"
    rig.sync()
    assert (standin.charged(), standin.through, standin.online) == ({}, 0, {})
    assert rig.terminal.health().readiness["training"]


def test_a_crash_in_training_ends_in_training(rig: Rig, standin: Standin) -> None:
    rig.type("training on")
    rig.restart()
    assert rig.scan(standin.campus.code(1))["result"] == "trained"
    assert rig.journal.sequence == 0
    rig.type("training off")
    rig.restart()
    assert rig.scan(standin.campus.code(1))["result"] == "approved"


def test_training_asks_for_the_authority_both_ways(rig: Rig) -> None:
    set_authority(rig.home, PIN)
    rig.restart()
    assert rig.type("training on")["result"] == "needs_authority"
    assert not rig.terminal.state.is_training
    assert rig.type(f"training on {PIN}")["training"]
    assert rig.type("training off")["result"] == "needs_authority"
    assert rig.terminal.state.is_training


# -------------------------------------------------------------------------------------- shift


def test_a_shift_counts_from_its_beginning_through_restarts(
    offline_rig: Rig, standin: Standin
) -> None:
    rig, campus = offline_rig, standin.campus
    [before] = pay(rig, campus, 0)
    assert rig.type("shift open 27")["result"] == "shift_opened"
    pay(rig, campus, 1, 2)
    rig.restart()
    [last] = pay(rig, campus, 3)
    rig.type(f"void {last}")
    rig.type(f"void {before}")  # voided in this shift, though paid before it
    rig.restart()
    wanted = Takings(3, 3 * FIXED_FEN, 3, 2, 2 * FIXED_FEN)
    assert rig.terminal.till.memory.takings.shift == wanted
    assert rig.type(f"shift close {FIXED_FEN - 50}")["result"] == "shift_closed"
    for _ in range(2):
        closed = rig.terminal.desk.shifts.last
        assert closed is not None
        assert (closed.takings, closed.shift.cashier) == (wanted, 27)
        assert (closed.counted_fen, closed.difference_fen) == (FIXED_FEN - 50, -50)
        assert rig.terminal.desk.shifts.now is None
        rig.restart()


def test_a_shift_begins_and_ends_once(rig: Rig) -> None:
    assert rig.type("shift close")["result"] == "shift_refused"
    rig.type("shift open")
    told = rig.type("shift open")
    assert (told["result"], told["zh"]) == ("shift_refused", "已有班次未结束。")
    rig.type("shift close")
    closed = rig.terminal.desk.shifts.last
    assert closed is not None
    assert (closed.counted_fen, closed.difference_fen) == (None, 0)


def test_takings_are_counted_by_period_and_old_days_go(offline_rig: Rig, standin: Standin) -> None:
    rig = offline_rig
    pay(rig, standin.campus, 1)
    assert rig.terminal.till.period() == (20260101, "day")
    book = rig.terminal.till.memory.takings
    assert book.of_period(20260101, "day").payments == 1
    assert book.of_period(20260102, "day") == Takings()
