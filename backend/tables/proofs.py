"""Booking what a day's bill proves: one entry that takes it out of transit, with one proof each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from backend.domain.accounts import SchoolAccount
from backend.domain.difference import BY_BILL, move
from backend.domain.payment import Posting
from backend.domain.set_state import Entry, Mark, SetWrites
from backend.domain.wechat_bill import LineKind, TradeBill
from backend.tables import sql
from backend.tables.bill_books import Line, chunks
from backend.tables.ledger import Ledger
from backend.tables.store import Rows
from campus_code.days import day_number

DAY_COLUMNS: Final = "proven_fen,fee_fen,entry_id"


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What is booked of a day (fen), by how many proofs just now, in which entry (0: none yet)."""

    proven_fen: int
    fee_fen: int
    entry_id: int
    new_proofs: int


def day_read(day_on: date, lock: str) -> str:
    """The SELECT that locks a day: whoever books on it comes through here first."""
    return sql.select(DAY_COLUMNS, "bill_day", f"id={day_number(day_on)}", lock)


def bill_legs(proven_fen: int, fee_fen: int) -> tuple[Posting, ...]:
    """Proven money arrives in the merchant account, the fee leaves it; parts that are 0 do not."""
    merchant, transit = SchoolAccount.WECHAT_MERCHANT, SchoolAccount.WECHAT_IN_TRANSIT
    legs = []
    if proven_fen:
        legs.append(move(merchant, transit, proven_fen))
    if fee_fen:
        legs.append(move(SchoolAccount.WECHAT_FEES, merchant, fee_fen))
    return tuple(legs)


async def prove_day(
    ledger: Ledger, clock: Callable[[], float], bill: TradeBill, lines: Sequence[Line], by: str
) -> DayFigures:
    """Book what the bill proves of these lines and is not proven yet, and the fee that is new.

    Asked again it books nothing; asked twice at once, one of the two does. The day's row must be
    there (`bills.open_day`).
    """
    proven = _proven(bill, lines)
    ids = [one.entry_id for one in proven]
    asked = [
        sql.select("proves_id", "proof", f"proves_id IN ({sql.numbers(some)})")
        for some in chunks(ids)
    ]
    number = day_number(bill.day_on)

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, DayFigures]:
        ((had_fen, had_fee_fen, last_id),), *standing = rows
        known = {row[0] for some in standing for row in some}
        new = [one for one in proven if one.entry_id not in known]
        new_fen = sum(one.signed_fen for one in new)
        fee_fen = bill.fee_fen - had_fee_fen
        writes = SetWrites()
        legs = bill_legs(new_fen, fee_fen)
        entry_id = next(entry_ids) if legs else last_id
        if legs:
            writes.entries.append(Entry(entry_id, BY_BILL, legs))
        writes.proofs += [(one.entry_id, entry_id, number, one.signed_fen) for one in new]
        figures = DayFigures(had_fen + new_fen, bill.fee_fen, entry_id, len(new))
        if legs or new:
            writes.marks.append(mark_day(number, figures, int(clock()), by))
        return writes, figures

    return await ledger.post([day_read(bill.day_on, ledger.lock), *asked], decide)


def mark_day(number: int, figures: DayFigures, at: int, by: str) -> Mark:
    """The day's row learns what was booked of it."""
    return Mark(
        "bill_day",
        number,
        (
            ("proven_fen", figures.proven_fen),
            ("fee_fen", figures.fee_fen),
            ("entry_id", figures.entry_id),
            ("reconciled_at", at),
            ("reconciled_by", by),
        ),
    )


def _proven(bill: TradeBill, lines: Sequence[Line]) -> list[Line]:
    """The lines that a line of the bill proves: same number, same transaction, same amount."""
    by_number: defaultdict[str, list[Line]] = defaultdict(list)
    for one in lines:
        if one.signed_fen:
            by_number[one.number].append(one)
    found = {}
    for line in bill.lines:
        number = line.out_refund_no if line.kind is LineKind.REFUND else line.out_trade_no
        # one line of a bill proves one entry, so what was booked twice is proven once
        mine = next(
            (
                one
                for one in by_number.get(number, ())
                if one.entry_id not in found and one.is_proven_by(line)
            ),
            None,
        )
        if mine is not None:
            found[mine.entry_id] = mine
    return list(found.values())
