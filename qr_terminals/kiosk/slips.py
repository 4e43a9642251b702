"""
What is printed or drawn for a person to take away: pure functions of what the server told.

A slip is plain text in both languages, SLIP_COLUMNS wide (a Chinese character counts as two), so
that an office printer and a receipt printer both take it. It carries no name; a receipt is a
reminder, and its number is what the office looks the payment up by.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from campus_code import yuan

SLIP_COLUMNS: Final = 32
CARD_DIGITS_SHOWN: Final = 4
TITLE: Final = "消费小票 RECEIPT"
COURTESY: Final = "courtesy"
"""The reason of a meal on the school."""
_PURSES: Final = {"cash": "- 现金 Cash", "benefit": "- 补助 Benefit"}


def receipt_text(payment: Mapping[str, Any], school: str, utc_offset_seconds: int) -> str:
    """A payment's receipt for paper, times by the school's clock."""
    rows = [_row(label, value) for label, value in receipt_rows(payment, utc_offset_seconds)]
    head = [_middle(school), _middle(TITLE), _rule()]
    return "\n".join([*head, *rows, _rule()]) + "\n"


def receipt_note(payment: Mapping[str, Any], school: str, utc_offset_seconds: int) -> str:
    """The same without what paper needs to look well: the fewer characters, the easier a code."""
    rows = [f"{label} {value}" for label, value in receipt_rows(payment, utc_offset_seconds)]
    return "\n".join([f"{school} {TITLE}", *rows])


def receipt_rows(payment: Mapping[str, Any], utc_offset_seconds: int) -> list[tuple[str, str]]:
    """Labels and values, in order; what is nothing is left out."""
    local = datetime.fromtimestamp(payment["occurred_at"] + utc_offset_seconds, UTC)
    is_courtesy = payment["reason"] == COURTESY
    bearer = "学校请的一餐 On school" if is_courtesy else "学校承担 By the school"
    amounts = [
        ("标价 Price", payment["nominal_fen"]),
        ("优惠 Discount", -payment["discount_fen"]),
        ("手续费 Fee", payment["fee_fen"]),
        ("实付 Paid", 0 if is_courtesy else payment["charged_fen"]),
        *((_PURSES.get(name, name), fen) for name, fen in payment["split_fen"].items()),
        (bearer, payment["borne_fen"]),
        ("已退回 Returned", payment["returned_fen"]),
    ]
    return [
        ("商户 Merchant", str(payment["merchant"])),
        ("时间 Time", f"{local:%Y-%m-%d %H:%M}"),
        ("卡尾号 Card", f"**{payment['card_tail']}"),
        *((label, yuan(fen)) for label, fen in amounts if fen),
        ("流水号 No.", str(payment["payment_id"])),
    ]


def emergency_text(code: str, on: str, school: str) -> str:
    """The slip with a day's emergency code: 16 digits, in fours."""
    grouped = " ".join(code[place : place + 4] for place in range(0, len(code), 4))
    lines = [
        _middle(school),
        _middle("应急码 EMERGENCY CODE"),
        _rule(),
        "",
        _middle(grouped),
        "",
        _middle(f"仅限 {on} 使用一次"),
        _middle(f"{on} only, once"),
        _rule(),
        "请像现金一样保管。遗失请冻结卡。",
        "Keep it like cash. Lost it?",
        "Freeze the card.",
    ]
    return "\n".join(lines) + "\n"


def width(text: str) -> int:
    """How many columns a text takes; wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(one) in {"W", "F"} else 1 for one in text)


def _middle(text: str) -> str:
    return " " * max(0, (SLIP_COLUMNS - width(text)) // 2) + text


def _row(label: str, value: str) -> str:
    gap = SLIP_COLUMNS - width(label) - width(value)
    if gap < 1:  # too long for one line: the value stands right below
        return f"{label}\n{' ' * max(0, SLIP_COLUMNS - width(value))}{value}"
    return f"{label}{' ' * gap}{value}"


def _rule() -> str:
    return "-" * SLIP_COLUMNS
