"""Opening ledger accounts for new cardholders and merchants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from backend.domain.accounts import PURSES, SCHOOL_BOOK, merchant_account, purse_account
from backend.tables.account import AccountRow
from backend.tables.cardholder import TallyRow

ROWS_PER_STATEMENT = 500
"""How many rows one INSERT carries; well under both engines' packet limits."""


async def open_purses_for(
    holder_ids: Sequence[int], books: Mapping[int, int] = MappingProxyType({})
) -> None:
    """Open every kind of purse, at 0 fen, and an empty tally for new cardholders (in bulk).

    `books`: whose purses stand in a campus' book, by holder; all others in the school's own.
    """
    await AccountRow.bulk_create(
        [
            AccountRow(
                id=purse_account(holder_id, purse),
                code=f"purse:{holder_id}:{purse}",
                kind="purse",
                holder_id=holder_id,
                purse=purse,
                book_id=books.get(holder_id, SCHOOL_BOOK),
            )
            for holder_id in holder_ids
            for purse in PURSES
        ],
        batch_size=ROWS_PER_STATEMENT,
    )
    await TallyRow.bulk_create(
        [TallyRow(holder_id=holder_id) for holder_id in holder_ids], batch_size=ROWS_PER_STATEMENT
    )


async def open_purses(holder_id: int, book_id: int = SCHOOL_BOOK) -> None:
    """Open one new cardholder's purses, in a campus' book."""
    await open_purses_for([holder_id], {holder_id: book_id})


async def open_payable(merchant_id: int, book_id: int = SCHOOL_BOOK) -> None:
    """Open a new merchant's payable account in a campus' book."""
    await AccountRow.create(
        id=merchant_account(merchant_id),
        code=f"merchant:{merchant_id}",
        kind="merchant",
        book_id=book_id,
    )
