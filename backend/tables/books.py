"""Whose books an account stands in: those of the campus where it was opened."""

from __future__ import annotations

from backend.domain.accounts import merchant_account
from backend.domain.place import Place, PlaceKind, campus_of
from backend.domain.roster import fold
from backend.tables.account import AccountRow
from backend.tables.places import read_places
from backend.tables.rollup import was_posted_to


async def book_at(place_id: int) -> int:
    """The book of what is opened at a place, 0: the school's own."""
    return campus_of(await read_places(), place_id) if place_id else 0


async def read_campuses() -> list[Place]:
    """Every campus: each has a book."""
    return [place for place in await read_places() if place.kind is PlaceKind.CAMPUS]


async def campus_ids() -> dict[str, int]:
    """Campuses by their folded names, as a roster's file says them."""
    return {fold(place.name): place.id for place in await read_campuses()}


async def move_payable(merchant_id: int, book_id: int) -> bool:
    """Put a merchant's payable into another book unless it was ever posted to: is it there now?

    Call it inside a transaction.
    """
    account_id = merchant_account(merchant_id)
    account = await AccountRow.select_for_update().get(id=account_id)
    if account.book_id == book_id:
        return True
    if await was_posted_to(account_id):
        return False
    await AccountRow.filter(id=account_id).update(book_id=book_id)
    return True
