"""Find people by what is known of them; that somebody searched is written down."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.people_search import PeopleWanted, PersonLine, folded, meanings
from backend.tables.audit import note
from backend.tables.people_search import find_people


async def search_cardholders(
    wanted: PeopleWanted, after: str, lines_max: int, *, actor: Actor, at: int
) -> list[PersonLine]:
    """A page of people after a school number. A search by words leaves one line, without them.

    It stands in nobody's own trail: the list shows nothing of money or whereabouts. Whoever is
    opened from it is looked up, and that he can see.
    """
    found = await find_people(wanted, after, lines_max)
    text = folded(wanted.text)
    if text and not after:
        await note(
            actor.label,
            "cardholders.search",
            "cardholders",
            at,
            by=[by.value for by in meanings(text)],
            found=len(found),
        )
    return found
