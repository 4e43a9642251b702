from __future__ import annotations

from tortoise.exceptions import IntegrityError

from backend.domain.access import Actor
from backend.domain.errors import ConflictError
from backend.domain.place import (
    Place,
    PlaceKind,
    read_place_name,
    require_parent,
    unknown_place,
)
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.place import PlaceRow
from backend.tables.places import place_of, require_place
from backend.tables.retrying import retried


@retried
async def change_place(place_id: int, name: str, parent_id: int, *, actor: Actor, at: int) -> Place:
    """Rename a place or hang it, with all below it, elsewhere.

    Nobody moves the place his own right ends at, nor anything into or out of what he reaches.

    Raises:
        InvalidInputError: the name, or the parent is of the wrong kind.
        NotFoundError: no such place or parent, or not the actor's.
        ConflictError: the name stands there already.

    """
    name = read_place_name(name)
    if not (actor.reach.has_place(place_id) and actor.reach.has_place(parent_id)):
        raise unknown_place()
    try:
        async with transaction():
            row = await require_place(place_id)
            if not actor.reach.has_place(row.parent_id):
                raise unknown_place()
            parent = place_of(await require_place(parent_id)) if parent_id else None
            require_parent(PlaceKind(row.kind), parent)
            before = {"name": row.name, "parent_id": row.parent_id}
            after = {"name": name, "parent_id": parent_id}
            if after != before:
                await PlaceRow.filter(id=place_id).update(**after)
                subject = f"place:{place_id}"
                await note(actor.label, "places.change", subject, at, before=before, after=after)
            row.name, row.parent_id = name, parent_id
    except IntegrityError as error:
        raise ConflictError(
            "name_taken", zh="此处已有同名地点。", en="A place of this name stands there already."
        ) from error
    return place_of(row)
