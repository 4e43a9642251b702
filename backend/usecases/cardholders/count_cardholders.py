"""How many people a list finds."""

from __future__ import annotations

from backend.domain.people_search import PeopleWanted
from backend.tables.people_search import count_people


async def count_cardholders(wanted: PeopleWanted) -> int:
    """How many, each once."""
    return await count_people(wanted)
