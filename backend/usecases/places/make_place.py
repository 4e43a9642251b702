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
async def make_place(kind: PlaceKind, name: str, parent_id: int, *, actor: Actor, at: int) -> Place:
    """Add a place to the tree. Whoever is at a place himself adds below it only.

    Raises:
        InvalidInputError: the name, or the parent is of the wrong kind.
        NotFoundError: no such parent, or not the actor's.
        ConflictError: the name stands there already.

    """
    name = read_place_name(name)
    if not actor.reach.has_place(parent_id):
        raise unknown_place()
    try:
        async with transaction():
            parent = place_of(await require_place(parent_id)) if parent_id else None
            require_parent(kind, parent)
            row = await PlaceRow.create(kind=kind.value, name=name, parent_id=parent_id)
            detail = {"name": name, "parent_id": parent_id}
            await note(actor.label, "places.make", f"place:{row.id}", at, **detail)
    except IntegrityError as error:
        raise ConflictError(
            "name_taken", zh="此处已有同名地点。", en="A place of this name stands there already."
        ) from error
    return place_of(row)
