"""Printing the books for people."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from campus_code import Refusal, yuan
from simulators.lunch.books import CLEARING, FEE_INCOME, MERCHANT_BASE, Books
from simulators.lunch.rows import Raws

FAULTS_SHOWN = 40
SENTENCES = {refusal.value: refusal.zh for refusal in Refusal}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its title, its headings, which columns hold numbers, and its rows as texts."""

    title: str
    headings: tuple[str, ...]
    are_numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def print_books(console: Console, books: Books, raws: Raws) -> None:
    """Merchants, clearing accounts with their items, refusals, and whatever does not hold."""
    for sheet in sheets(books, raws):
        _print(console, sheet)
    console.print(notes_of(books))
    wrong = [
        ("丢失 lost", books.lost),
        ("重复 doubled", books.doubled),
        ("不符 fault", books.faults),
    ]
    for word, sentences in wrong:
        for sentence in sentences[:FAULTS_SHOWN]:
            console.print(f"[red]{word}[/]: {sentence}", soft_wrap=True, highlight=False)


def sheets(books: Books, raws: Raws) -> tuple[Sheet, ...]:
    """The three tables of the books, ready to print or to draw."""
    return _merchants(books, raws), _accounts(books), _refusals(books)


def notes_of(books: Books) -> str:
    """One line of what else happened."""
    notes = [f"SIGKILL: {books.kills}", f"冲正与撤销 undone: {books.undone}", books.rolled]
    notes += [f"隔离 quarantined: {where}" for where in books.quarantined]
    return " · ".join(notes)


def _print(console: Console, sheet: Sheet) -> None:
    table = Table(title=sheet.title, title_justify="left")
    for heading, is_number in zip(sheet.headings, sheet.are_numbers, strict=True):
        table.add_column(heading, justify="right" if is_number else "left")
    for row in sheet.rows:
        table.add_row(*row)
    console.print(table)


def _merchants(books: Books, raws: Raws) -> Sheet:
    rows = []
    for merchant, name in raws["merchants"]:
        mine = [one for one in books.standing if one.merchant_id == merchant]
        rows.append(
            (
                name,
                str(len(mine)),
                str(sum(1 for one in mine if one.was_offline)),
                yuan(sum(one.charged_fen for one in mine)),
                yuan(books.balances.get(MERCHANT_BASE + merchant, 0)),
            )
        )
    headings = (
        "商户 merchant",
        "笔数 payments",
        "脱机 offline",
        "实收 charged 元",
        "应付 payable 元",
    )
    return Sheet("商户 Merchants", headings, (False, True, True, True, True), tuple(rows))


def _accounts(books: Books) -> Sheet:
    rows = []
    for account, name in {**CLEARING, FEE_INCOME: "fee_income"}.items():
        reasons: dict[str, list[int]] = defaultdict(list)
        for holder, fen, reason in books.items:
            if holder == account:
                reasons[reason].append(fen)
        items = [
            f"{reason} ×{len(fens)} {yuan(sum(fens))}" for reason, fens in sorted(reasons.items())
        ]
        rows.append((name, _signed(books.balances.get(account, 0)), "; ".join(items)))
    headings = ("科目 account", "余额 balance 元", "明细 items")
    title = "往来与挂账 Clearing accounts"
    return Sheet(title, headings, (False, True, False), tuple(rows))


def _refusals(books: Books) -> Sheet:
    rows = [
        (reason, SENTENCES.get(reason, ""), str(shown), str(told))
        for reason, (shown, told) in books.refusals.items()
    ]
    headings = ("原因 reason", "屏幕上的话 on the screen", "屏幕 shown", "终端上报 reported")
    return Sheet("拒绝 Refusals", headings, (False, False, True, True), tuple(rows))


def _signed(fen: int) -> str:
    return f"-{yuan(-fen)}" if fen < 0 else yuan(fen)
