from __future__ import annotations

from tortoise.exceptions import IntegrityError

from backend.domain.access import Actor
from backend.domain.errors import ConflictError
from backend.domain.merchant import read_merchant_name
from backend.domain.place import unknown_place
from backend.tables.accounts import open_payable
from backend.tables.audit import note
from backend.tables.books import book_at
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow
from backend.tables.places import require_place
from backend.tables.retrying import retried


@retried
async def create_merchant(name: str, place_id: int = 0, *, actor: Actor, at: int) -> int:
    """Add a merchant with its payable account; its id. At `place_id` 0 it stands nowhere.

    Raises:
        InvalidInputError: the name. NotFoundError: no such place, or not the actor's.
        ConflictError: another merchant has the name.

    """
    name = read_merchant_name(name)
    if not actor.reach.has_place(place_id):
        raise unknown_place()
    try:
        async with transaction():
            if place_id:
                await require_place(place_id)
            row = await MerchantRow.create(name=name, place_id=place_id)
            await open_payable(row.id, await book_at(place_id))
            await note(actor.label, "merchants.create", f"merchant:{row.id}", at)
    except IntegrityError as error:
        raise ConflictError(
            "name_taken", zh="已有同名商户。", en="There is a merchant of this name."
        ) from error
    merchant_id: int = row.id
    return merchant_id
