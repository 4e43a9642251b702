"""What one takes away from a kiosk: slips on paper, codes to scan; and a printer that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from campus_code import yuan
from qr_terminals.errors import RequestError
from qr_terminals.kiosk.drawing import squares
from qr_terminals.kiosk.printer import Printer
from qr_terminals.kiosk.slips import (
    SLIP_COLUMNS,
    emergency_text,
    receipt_note,
    receipt_text,
    width,
)
from tests.rig.kiosk import PrintSystem

NOON = 1_767_240_000  # 2026-01-01 12:00 in Shanghai
OFFSET = 8 * 3600
SCHOOL = "示范大学"
PAYMENT: dict[str, Any] = {
    "payment_id": 4294967304,
    "merchant": "第一食堂三楼兰州拉面特色窗口",
    "occurred_at": NOON,
    "card_tail": "0013",
    "nominal_fen": 1250,
    "discount_fen": 100,
    "fee_fen": 5,
    "charged_fen": 1155,
    "borne_fen": 0,
    "split_fen": {"benefit": 500, "cash": 655},
    "returned_fen": 0,
    "reason": "",
}


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PrintSystem:
    """`lp` and `lpstat` on the PATH."""
    made = PrintSystem(tmp_path)
    made.install()
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return made


def test_a_receipt_adds_up_and_fits_its_paper() -> None:
    text = receipt_text(PAYMENT, SCHOOL, OFFSET)
    assert max(width(line) for line in text.splitlines()) <= SLIP_COLUMNS
    for said in ("2026-01-01 12:00", "12.50", "-1.00", "0.05", "11.55", "5.00", "6.55", "**0013"):
        assert said in text
    assert "退回" not in text
    assert "2.00" in receipt_text({**PAYMENT, "returned_fen": 200}, SCHOOL, OFFSET)


def test_a_meal_on_the_school_says_so_and_that_nothing_was_paid() -> None:
    gift = {"borne_fen": 1155, "split_fen": {}, "reason": "courtesy"}
    text = receipt_text({**PAYMENT, **gift}, SCHOOL, OFFSET)
    assert "学校请的一餐" in text
    assert "11.55" in text
    assert "实付" not in text
    assert max(width(line) for line in text.splitlines()) <= SLIP_COLUMNS


def test_the_code_of_a_receipt_is_read_by_a_camera_and_holds_no_address() -> None:
    note = receipt_note(PAYMENT, SCHOOL, OFFSET)
    drawn = squares(note)
    side = drawn["size"] + 8
    picture = Image.new("1", (side, side), 1)
    pen = ImageDraw.Draw(picture)
    for square in drawn["path"].split("M")[1:]:
        x, y = (int(one) for one in square.partition("h")[0].split())
        pen.point((x + 4, y + 4), 0)
    (found,) = zxingcpp.read_barcodes(picture.resize((side * 4, side * 4)).convert("L"))
    assert found.text == note
    assert "http" not in note
    assert PAYMENT["merchant"] in note


def test_an_emergency_slip_has_the_digits_in_fours_and_the_day() -> None:
    text = emergency_text("2024001334161410", "2026-01-01", SCHOOL)
    assert "2024 0013 3416 1410" in text
    assert "仅限 2026-01-01 使用一次" in text
    assert max(width(line) for line in text.splitlines()) <= SLIP_COLUMNS


@pytest.mark.parametrize(
    "fen, said", [(0, "0.00"), (5, "0.05"), (-105, "-1.05"), (123456, "1234.56")]
)
def test_yuan(fen: int, said: str) -> None:
    assert yuan(fen) == said


def test_a_slip_reaches_lp_whole_and_its_title_names_nobody(system: PrintSystem) -> None:
    printer = Printer()
    assert printer.is_there
    text = emergency_text("2024001334161410", "2026-01-01", SCHOOL)
    printer.print(text)
    assert system.printed == text
    Printer("hall-2").print("x")
    words = (system.folder / "words").read_text().splitlines()
    assert words == ["-t kiosk", "-d hall-2 -t kiosk"]


def test_a_printer_that_fails_says_why(system: PrintSystem) -> None:
    system.jam()
    with pytest.raises(RequestError) as caught:
        Printer().print("x")
    assert "out of paper" in caught.value.en
    assert (caught.value.status, caught.value.word) == (502, "not_printed")


def test_without_a_printer_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: PrintSystem
) -> None:
    program = system.folder / "lpstat"
    program.write_text("#!/bin/sh\necho 'no system default destination'\n")
    assert not Printer().is_there
    program.write_text("#!/bin/sh\necho 'lpstat: no such printer' >&2; exit 1\n")
    assert not Printer("gone").is_there
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert not Printer().is_there
    with pytest.raises(RequestError, match="lp"):
        Printer().print("x")
