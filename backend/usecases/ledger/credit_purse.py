"""Bring money into purses from one of the school's own accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from backend.domain.accounts import SchoolAccount, purse_account
from backend.domain.errors import InvalidInputError
from backend.domain.payment import Posting
from backend.domain.set_state import Entry, HolderState, SetWrites
from backend.tables import sql
from backend.tables.ledger import Ledger
from backend.tables.store import Rows
from campus_code import Tally

CREDIT_FEN_MAX = 10_000_000
"""The most one credit may bring into one purse: 100,000 yuan."""

Credit = tuple[int, int]
"""(holder id, amount in fen)."""


async def credit_purse(
    ledger: Ledger, purse: str, source: SchoolAccount, credited: Sequence[Credit]
) -> None:
    """Credit one kind of purse of each holder, as one set of journal entries.

    Raises:
        InvalidInputError: an amount that is not 1 … CREDIT_FEN_MAX fen, or a holder without purse.

    """
    for _, amount_fen in credited:
        if type(amount_fen) is not int or not 1 <= amount_fen <= CREDIT_FEN_MAX:
            raise InvalidInputError("amount_fen", f"must be a whole number 1…{CREDIT_FEN_MAX}")
    accounts = {purse_account(holder_id, purse): holder_id for holder_id, _ in credited}
    wanted = f"id IN ({sql.numbers(accounts)})"
    reads = [
        sql.select("id,balance_fen,floor_fen", "account", wanted, " ORDER BY id" + ledger.lock)
    ]

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, None]:
        standing: Mapping[int, HolderState] = {
            accounts[account]: HolderState(
                accounts[account], Tally(), 0, {purse: balance_fen}, {purse: floor_fen}
            )
            for account, balance_fen, floor_fen in rows[0]
        }
        writes = SetWrites(holders=list(standing.values()))
        for holder_id, amount_fen in credited:
            if holder_id not in standing:
                raise InvalidInputError("holder", f"{holder_id} has no {purse} purse")
            standing[holder_id].move(purse, amount_fen)
            target = purse_account(holder_id, purse)
            leg = Posting(int(source), target, amount_fen)
            writes.entries.append(Entry(next(entry_ids), "credit", (leg,)))
        return writes, None

    await ledger.post(reads, decide)
