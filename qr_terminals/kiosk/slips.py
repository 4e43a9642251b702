"""
What is printed or drawn for a person to take away: pure functions of what the server told.

A slip is plain text in both languages, SLIP_COLUMNS wide (a Chinese character counts as two), so
that an office printer and a receipt printer both take it. It carries no name; a receipt is a
reminder, and its number is what the office looks the payment up by.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

SLIP_COLUMNS: Final = 32
CARD_DIGITS_SHOWN: Final = 4
_PURSES: Final = {"cash": "现金 Cash", "benefit": "补助 Benefit"}


def receipt_text(payment: Mapping[str, Any], school: str, local: datetime) -> str:
    """A payment's receipt; `local` is when it was paid, by the school's clock."""
    lines = [
        _middle(school),
        _middle("消费小票 RECEIPT"),
        _rule(),
        _row("商户 Merchant", str(payment["merchant"])),
        _row("时间 Time", f"{local:%Y-%m-%d %H:%M}"),
        _row("卡尾号 Card", f"**{payment['card_tail']}"),
        _row("标价 Price", yuan(payment["nominal_fen"])),
    ]
    if payment["discount_fen"]:
        lines.append(_row("优惠 Discount", yuan(-payment["discount_fen"])))
    if payment["fee_fen"]:
        lines.append(_row("手续费 Fee", yuan(payment["fee_fen"])))
    lines.append(_row("实付 Paid", yuan(payment["charged_fen"])))
    lines += [_row(f"  {_PURSES.get(p, p)}", yuan(f)) for p, f in payment["split_fen"].items()]
    if payment["returned_fen"]:
        lines.append(_row("已退回 Returned", yuan(payment["returned_fen"])))
    lines += [_rule(), _row("流水号 No.", str(payment["payment_id"]))]
    return "\n".join(lines) + "\n"


def emergency_text(code: str, on: str, school: str, limit_line: str = "") -> str:
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
        *([_middle(limit_line)] if limit_line else []),
        _rule(),
        "请像现金一样保管。遗失请冻结卡。",
        "Keep it like cash. Lost it?",
        "Freeze the card.",
    ]
    return "\n".join(lines) + "\n"


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals, by whole numbers alone."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02}"


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
