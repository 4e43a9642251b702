"""The books as the tests re-add them: raw rows, own SQL, whole numbers, no code of the backend.

What is looked for after every test of money: a residual, a purse whose column is not its postings,
a natural key that stands twice, a payment or reversal that no test ever sent, an entry whose
postings are not what its row says, a clearing account that no item explains.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import pymysql

LEGS_MAX = 8
SUSPENSE, RISK, TOP_UP_SUSPENSE, COURTESY = 5, 6, 13, 15
BEARS = (SUSPENSE, RISK, COURTESY)
WECHAT_TRANSIT, BANK_TRANSIT = 3, 4
UNTOLD = ("credit", "top_up_held", "bill", "drawer")
"""Kinds of entries that other rows than those read here tell of."""

Rows = list[tuple[Any, ...]]


class Sent(Protocol):
    """What a test sent: an attempt, or anything that says as much."""

    @property
    def terminal_id(self) -> int:
        """Whose it is."""

    @property
    def sequence(self) -> int:
        """Its natural key."""

    @property
    def reverses(self) -> int:
        """The sequence a reversal undoes; 0 for a payment."""


def select(url: str, *statements: str) -> list[Rows]:
    """The answers of SELECTs on a connection of the harness's own."""
    if url.startswith("sqlite://"):
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as file:
            return [list(file.execute(one)) for one in statements]
    parts = urlsplit(url)
    connection = pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or "root"),
        database=parts.path.strip("/"),
        ssl_disabled=True,  # it would read every authority of the machine to ask on loopback
    )
    answers = []
    with connection, connection.cursor() as cursor:
        for one in statements:
            cursor.execute(one)
            answers.append([tuple(row) for row in cursor.fetchall()])
    return answers


@dataclass
class RawBooks:
    """What was read, and every fault that was found."""

    payments: Rows
    postings: Rows
    reversals: Rows
    corrections: Rows
    settlements: Rows
    remittances: Rows
    accounts: Rows
    items: Rows
    quarantine: Rows
    disputes: Rows
    lots: Rows
    returns: Rows
    top_ups: Rows
    proofs: Rows
    balances: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    faults: list[str] = field(default_factory=list)

    def payment(self, terminal_id: int, sequence: int) -> tuple[Any, ...]:
        """The one payment of a natural key: (id, terminal, sequence, key, holder, charged, …)."""
        (found,) = [row for row in self.payments if row[1:3] == (terminal_id, sequence)]
        return found

    def legs(self, entry_id: int) -> list[tuple[int, int, int]]:
        """An entry's postings as (source, target, fen)."""
        return [
            (source, target, fen)
            for posting, _, source, target, fen, _ in self.postings
            if posting - posting % LEGS_MAX == entry_id
        ]


_READS = {
    "payments": (
        "SELECT id, terminal_id, sequence, code_key, holder_id, charged_fen, borne_fen,"
        " nominal_fen, discount_fen, fee_fen, outcome, reason FROM payment ORDER BY id"
    ),
    "postings": (
        "SELECT id, kind, source_id, target_id, amount_fen, corrects_id FROM posting ORDER BY id"
    ),
    "reversals": "SELECT id, terminal_id, reverses, sequence, payment_id FROM reversal",
    "corrections": (
        "SELECT id, payment_id, request_key, amount_fen, made_by, approved_by FROM correction"
    ),
    "settlements": (
        "SELECT s.id, s.merchant_id, s.business_on, s.net_fen + COALESCE(f.fee_fen, 0)"
        " FROM settlement s LEFT JOIN settlement_fee f ON f.id = s.id"
    ),
    "remittances": "SELECT entry_id, amount_fen FROM remittance WHERE entry_id <> 0",
    "accounts": "SELECT id, code, kind, balance_fen, floor_fen FROM account",
    "items": "SELECT id, account_id, amount_fen, reason, settled_by_id FROM suspense",
    "quarantine": "SELECT terminal_id, sequence, reason, body_hash FROM quarantine ORDER BY id",
    "disputes": "SELECT id, first_payment_id, reason FROM dispute",
    "lots": "SELECT id, holder_id, origin, reference, transaction_id, amount_fen FROM lot",
    "returns": "SELECT id, lot_id, reference, undoes_id, amount_fen FROM lot_return",
    "top_ups": (
        "SELECT id, out_trade_no, holder_id, amount_fen, state, transaction_id, entry_id"
        " FROM top_up"
    ),
    "proofs": "SELECT proves_id, amount_fen FROM proof",
}


def read_books(url: str) -> RawBooks:
    """Read every row about money and add it all up."""
    rows: dict[str, Any] = dict(zip(_READS, select(url, *_READS.values()), strict=True))
    books = RawBooks(**rows)
    _add_up(books)
    _count_keys(books)
    _compare_entries(books)
    _compare_amounts(books)
    _compare_top_ups(books)
    _compare_transit(books)
    _compare_items(books)
    return books


def assert_sound(url: str, sent: Iterable[Sent]) -> RawBooks:
    """Everything adds up, and nothing stands that was not sent; the books, for more questions."""
    books = read_books(url)
    attempts = list(sent)
    keys = {(one.terminal_id, one.sequence) for one in attempts if not one.reverses}
    undone = {(one.terminal_id, one.reverses) for one in attempts if one.reverses}
    books.faults += [f"payment {row[0]}: never sent" for row in books.payments
                     if row[1:3] not in keys]  # fmt: skip
    books.faults += [f"reversal {row[0]}: never sent" for row in books.reversals
                     if row[1:3] not in undone]  # fmt: skip
    assert books.faults == []
    return books


def _add_up(books: RawBooks) -> None:
    known = {row[0] for row in books.accounts}
    for posting, _, source, target, fen, _ in books.postings:
        books.balances[source] -= fen
        books.balances[target] += fen
        if type(fen) is not int or fen <= 0 or source == target or not {source, target} <= known:
            books.faults.append(f"posting {posting}: {fen} fen from {source} to {target}")
    residual_fen = sum(books.balances.values())
    if residual_fen:
        books.faults.append(f"residual: {residual_fen} fen")
    for account, code, kind, balance_fen, floor_fen in books.accounts:
        if kind == "purse" and balance_fen != books.balances[account]:
            books.faults.append(f"{code}: {balance_fen} fen, posted {books.balances[account]}")
        if kind == "purse" and balance_fen < floor_fen:
            books.faults.append(f"{code}: {balance_fen} fen is below its floor {floor_fen}")


def _count_keys(books: RawBooks) -> None:
    keys: Counter[object] = Counter(("sequence", *row[1:3]) for row in books.payments)
    keys.update(("code", row[3]) for row in books.payments if row[3] is not None)
    keys.update(("reversal", *row[1:3]) for row in books.reversals)
    keys.update(("undone", row[4]) for row in books.reversals if row[4])
    keys.update(("request", row[2]) for row in books.corrections)
    keys.update(("settled", *row[1:3]) for row in books.settlements)
    keys.update(("order", row[3]) for row in books.lots)
    keys.update(("transaction", row[4]) for row in books.lots if row[4])
    keys.update(("credited", row[6]) for row in books.top_ups if row[6])
    books.faults += [f"{key}: {times} times" for key, times in keys.items() if times > 1]


def _compare_entries(books: RawBooks) -> None:
    """Every posting belongs to a row that says as much as its postings move."""
    wanted = {row[0]: row[5] for row in books.payments}
    wanted |= {row[0]: row[3] for row in books.corrections}
    wanted |= {row[0]: row[3] for row in books.settlements}
    wanted |= {row[0]: row[1] for row in books.remittances}
    wanted |= {row[0]: wanted.get(row[4], 0) for row in books.reversals}
    wanted |= {row[0]: row[5] for row in books.lots}
    for row in books.returns:  # an entry may take from several lots
        entry = row[0] - row[0] % LEGS_MAX
        wanted[entry] = wanted.get(entry, 0) + row[4]
    moved: dict[int, int] = defaultdict(int)
    for posting, kind, _, _, fen, _ in books.postings:
        entry = posting - posting % LEGS_MAX
        moved[entry] += fen
        if entry not in wanted and kind not in UNTOLD:
            books.faults.append(f"posting {posting}: a {kind} that no row tells of")
    for entry, fen in wanted.items():
        if moved[entry] != fen:
            books.faults.append(f"entry {entry}: says {fen} fen, moves {moved[entry]}")


def _compare_amounts(books: RawBooks) -> None:
    """What is borne, given back and reversed is what the payment's own postings say."""
    for row in books.payments:
        borne_fen = sum(fen for source, _, fen in books.legs(row[0]) if source in BEARS)
        if borne_fen != row[6] or row[5] != row[7] - row[8] + row[9]:
            books.faults.append(f"payment {row[0]}: its amounts do not fit each other")
    for row in books.reversals:
        back = [(target, source, fen) for source, target, fen in reversed(books.legs(row[0]))]
        if back != books.legs(row[4]):
            books.faults.append(f"reversal {row[0]}: is not its payment end for end")
    given: Counter[int] = Counter()
    for _, payment_id, _, fen, made_by, approved_by in books.corrections:
        given[payment_id] += fen
        if made_by == approved_by:
            books.faults.append(f"correction of {payment_id}: one person alone")
    for row in books.payments:
        if given[row[0]] > row[5]:
            books.faults.append(f"payment {row[0]}: {given[row[0]]} fen given back of {row[5]}")


def _compare_top_ups(books: RawBooks) -> None:
    """A paid order has one lot of its own number, money and holder, and a lot has its order."""
    paid = {row[1]: row for row in books.top_ups if row[4] == "paid" or row[6]}
    lots = {row[3]: row for row in books.lots if row[2] == "wechat"}
    for number in paid.keys() - lots.keys():
        if not _is_held(books, paid[number][6]):
            books.faults.append(f"order {number}: paid, and no lot")
    for number, (lot_id, holder_id, _, _, transaction_id, fen) in lots.items():
        order = paid.get(number)
        if order is None or (order[6], order[2], order[5], order[3]) != (
            lot_id,
            holder_id,
            transaction_id,
            fen,
        ):
            books.faults.append(f"lot {lot_id}: is not what its order {number} says")


def _is_held(books: RawBooks, entry_id: int) -> bool:
    """Whether an entry put its money where nobody's money waits."""
    return any(target == TOP_UP_SUSPENSE for _, target, _ in books.legs(entry_id))


def _compare_transit(books: RawBooks) -> None:
    """What is on its way to or from WeChat Pay is what no bill has proven."""
    proven = {row[0] for row in books.proofs}
    waiting = 0
    for posting, kind, source, target, fen, _ in books.postings:
        if kind != "bill" and posting not in proven:
            waiting += fen * ((target == WECHAT_TRANSIT) - (source == WECHAT_TRANSIT))
    if waiting != books.balances[WECHAT_TRANSIT]:
        books.faults.append(
            f"in transit: {books.balances[WECHAT_TRANSIT]} fen, unproven are {waiting}"
        )


def _compare_items(books: RawBooks) -> None:
    for account in (BANK_TRANSIT, TOP_UP_SUSPENSE, *BEARS):
        named = sum(row[2] for row in books.items if row[1] == account and not row[4])
        if books.balances[account] + named:
            books.faults.append(
                f"account {account}: {books.balances[account]} fen, its items name {named}"
            )
