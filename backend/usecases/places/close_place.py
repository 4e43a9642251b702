from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import ConflictError
from backend.domain.place import unknown_place
from backend.tables.account import AccountRow
from backend.tables.audit import note
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow
from backend.tables.place import AppointmentRow, PlaceRow
from backend.tables.places import require_place
from backend.tables.retrying import retried
from backend.tables.staff import StaffRow


@retried
async def close_place(place_id: int, *, actor: Actor, at: int) -> None:
    """Take an empty place out of the tree.

    Raises:
        NotFoundError: no such place, or not the actor's.
        ConflictError: something stands at it, somebody works or is at home there, or it has books.

    """
    if not actor.reach.has_place(place_id):
        raise unknown_place()
    async with transaction():
        row = await require_place(place_id)
        if not actor.reach.has_place(row.parent_id):
            raise unknown_place()
        is_used = (
            await PlaceRow.exists(parent_id=place_id)
            or await MerchantRow.exists(place_id=place_id)
            or await AppointmentRow.exists(place_id=place_id)
            or await StaffRow.exists(place_id=place_id, is_active=True)
            or await CardholderRow.exists(campus_id=place_id)
            or await AccountRow.exists(book_id=place_id)
        )
        if is_used:
            raise ConflictError(
                "place_in_use",
                zh="此处还有下级地点、商户、人员或账簿。",
                en="Places, merchants, people or books still stand here.",
            )
        await row.delete()
        await note(actor.label, "places.close", f"place:{place_id}", at, name=row.name)
