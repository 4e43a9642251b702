"""Printing the books for people."""

from __future__ import annotations

from collections import defaultdict

from rich.console import Console
from rich.table import Table

from campus_code import Refusal, yuan
from simulators.lunch.books import CLEARING, FEE_INCOME, MERCHANT_BASE, Books
from simulators.lunch.rows import Raws

FAULTS_SHOWN = 40
SENTENCES = {refusal.value: refusal.zh for refusal in Refusal}


def print_books(console: Console, books: Books, raws: Raws) -> None:
    """Merchants, clearing accounts with their items, refusals, and whatever does not hold."""
    console.print(_merchants(books, raws))
    console.print(_accounts(books))
    console.print(_refusals(books))
    notes = [f"SIGKILL: {books.kills}", f"冲正与撤销 undone: {books.undone}", books.rolled]
    notes += [f"隔离 quarantined: {where}" for where in books.quarantined]
    console.print(" · ".join(notes))
    wrong = [
        ("丢失 lost", books.lost),
        ("重复 doubled", books.doubled),
        ("不符 fault", books.faults),
    ]
    for word, sentences in wrong:
        for sentence in sentences[:FAULTS_SHOWN]:
            console.print(f"[red]{word}[/]: {sentence}", soft_wrap=True, highlight=False)


def _merchants(books: Books, raws: Raws) -> Table:
    table = _table("商户 Merchants", "商户 merchant")
    for heading in ("笔数 payments", "脱机 offline", "实收 charged 元", "应付 payable 元"):
        table.add_column(heading, justify="right")
    for merchant, name in raws["merchants"]:
        mine = [one for one in books.standing if one.merchant_id == merchant]
        table.add_row(
            name,
            str(len(mine)),
            str(sum(1 for one in mine if one.was_offline)),
            yuan(sum(one.charged_fen for one in mine)),
            yuan(books.balances.get(MERCHANT_BASE + merchant, 0)),
        )
    return table


def _accounts(books: Books) -> Table:
    table = _table("往来与挂账 Clearing accounts", "科目 account")
    table.add_column("余额 balance 元", justify="right")
    table.add_column("明细 items")
    for account, name in {**CLEARING, FEE_INCOME: "fee_income"}.items():
        reasons: dict[str, list[int]] = defaultdict(list)
        for holder, fen, reason in books.items:
            if holder == account:
                reasons[reason].append(fen)
        items = [
            f"{reason} ×{len(fens)} {yuan(sum(fens))}" for reason, fens in sorted(reasons.items())
        ]
        balance_fen = books.balances.get(account, 0)
        table.add_row(name, _signed(balance_fen), "; ".join(items))
    return table


def _refusals(books: Books) -> Table:
    table = _table("拒绝 Refusals", "原因 reason")
    table.add_column("屏幕 shown", justify="right")
    table.add_column("终端上报 reported", justify="right")
    for reason, (shown, told) in books.refusals.items():
        words = f"{reason}  {SENTENCES.get(reason, '')}"
        table.add_row(words, str(shown), str(told))
    return table


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    return table


def _signed(fen: int) -> str:
    return f"-{yuan(-fen)}" if fen < 0 else yuan(fen)
