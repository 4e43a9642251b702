"""A code that no reader can read is typed, and goes the way of a scan."""

from __future__ import annotations

import pytest

from campus_code.verify import WRONG_CODES_PER_MINUTE_MAX
from qr_terminals.control import Order, read_line
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN, Campus

CODE = "9072024001301040897646836818487666"


def grouped(text: str, length: int) -> str:
    return " ".join(text[at : at + length] for at in range(0, len(text), length))


@pytest.mark.parametrize("length", [2, 4, 34])
def test_a_typed_code_pays_in_any_grouping(offline_rig: Rig, campus: Campus, length: int) -> None:
    code = campus.code(1)
    shown = offline_rig.type(f"code {grouped(code, length)}")
    assert (shown["result"], shown["charged_fen"]) == ("approved", FIXED_FEN)
    again = offline_rig.scan(code)  # the reader sees it after all
    assert (again["sequence"], again["again"]) == (shown["sequence"], True)
    assert offline_rig.journal.sequence == 1


def test_a_typed_emergency_code_pays_once(offline_rig: Rig, campus: Campus) -> None:
    typed = f"code {grouped(campus.emergency(2), 4)}"
    assert offline_rig.type(typed)["result"] == "approved"
    offline_rig.clocks.pass_(60)
    assert offline_rig.type(typed)["reason"] == "emergency_used"


def test_typed_guesses_pause_the_terminal_as_scanned_ones_do(
    offline_rig: Rig, campus: Campus
) -> None:
    number = campus.emergency(3)[:8]
    for guess in range(WRONG_CODES_PER_MINUTE_MAX + 1):
        shown = offline_rig.type(f"code {number}{guess:08d}")
        assert shown["reason"] == "wrong_code"
    assert offline_rig.type(f"code {campus.code(1)}")["reason"] == "too_many_wrong_codes"
    assert offline_rig.scan(campus.code(1))["reason"] == "too_many_wrong_codes"
    assert offline_rig.terminal.health().is_paused


def test_a_mistyped_card_number_is_unreadable(offline_rig: Rig, campus: Campus) -> None:
    code = campus.code(1)
    wrong = code[:5] + str((int(code[5]) + 1) % 10) + code[6:]
    assert offline_rig.type(f"code {wrong}")["reason"] == "unreadable"


def test_a_scan_that_looks_like_a_typed_code_is_none(offline_rig: Rig, campus: Campus) -> None:
    assert offline_rig.scan(f"code {campus.code(1)}")["reason"] == "unreadable"


@pytest.mark.parametrize(
    "line",
    ["code", "code 9", f"code {CODE[:-1]}", f"code {CODE}1", f"code {CODE[:-1]}x", f"code{CODE}",
     f"code {CODE[:-1]}２", "code 12345678 1234567", f"code {CODE} {CODE}"],
)  # fmt: skip
def test_what_cannot_be_a_code_is_no_order(line: str) -> None:
    assert read_line(line) == Order("")


def test_the_longest_typed_code_fits_a_line() -> None:
    assert read_line(f"code {grouped(CODE, 1)}") == Order("code", code=CODE)
