from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.guardian import ContactKind, GuardianView
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.guardian import ContactRow
from backend.tables.guardians import guardians_of, lock_holder


@dataclass(frozen=True, slots=True)
class Relations:
    """Who looks after a holder, and the numbers the school has: (kind, last four digits)."""

    is_adult: bool
    guardians: tuple[GuardianView, ...]
    contacts: tuple[tuple[ContactKind, str], ...]


async def look_up_guardians(holder_id: int, *, actor: Actor, at: int) -> Relations:
    """What the office sees of a holder's guardians; he can see that it looked. NotFoundError."""
    async with transaction():
        holder = await lock_holder(holder_id)
        guardians = await guardians_of(holder)
        contacts = await ContactRow.filter(holder_id=holder_id).order_by("id")
        await note(actor.label, "guardians.look_up", f"cardholder:{holder_id}", at)
    numbers = tuple((ContactKind(one.kind), one.tail) for one in contacts)
    return Relations(holder.is_adult, guardians, numbers)
