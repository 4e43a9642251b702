"""Open a drawer: from now on its owner takes and pays cash, and answers for it."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from backend.domain.access import Actor
from backend.domain.drawer import DRAWER_FEN_MAX
from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.place import unknown_place
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.drawer import DrawerRow
from backend.tables.places import require_place
from backend.tables.retrying import retried


@retried
async def open_drawer(opened_fen: int, actor: Actor, at: int, *, place_id: int = 0) -> DrawerRow:
    """Open it with its float, in fen; one person has one. At `place_id` 0 it stands nowhere.

    Raises:
        InvalidInputError: the float is no amount.
        NotFoundError: no such place, or not the actor's.
        ConflictError: this person's last one is still open.

    """
    if type(opened_fen) is not int or not 0 <= opened_fen <= DRAWER_FEN_MAX:
        raise InvalidInputError("opened_fen", f"must be a whole number 0…{DRAWER_FEN_MAX}")
    if not actor.reach.has_place(place_id):
        raise unknown_place()
    try:
        async with transaction():
            if place_id:
                await require_place(place_id)
            row = await DrawerRow.create(
                staff_id=actor.id,
                open_by=actor.id,
                opened_at=at,
                opened_fen=opened_fen,
                place_id=place_id,
            )
            await note(actor.label, "drawers.open", f"drawer:{row.id}", at, opened_fen=opened_fen)
    except IntegrityError as error:
        raise ConflictError(
            "drawer_open", zh="您已有一个打开的钱箱。", en="You have an open drawer already."
        ) from error
    return row
