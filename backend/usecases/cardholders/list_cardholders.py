"""Everybody a list finds, page by page, for a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from backend.domain.people_search import PeopleWanted, PersonLine
from backend.tables.people_search import find_people

ROWS_A_PAGE: Final = 1000


async def list_cardholders(wanted: PeopleWanted) -> AsyncIterator[list[PersonLine]]:
    """Pages in the order of school numbers; whoever asks for the file is written down there."""
    after = ""
    while page := await find_people(wanted, after, ROWS_A_PAGE):
        yield page
        after = page[-1].number
