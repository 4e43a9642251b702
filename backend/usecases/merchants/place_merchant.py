from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import NotFoundError
from backend.domain.place import unknown_place
from backend.tables.audit import note
from backend.tables.books import book_at, move_payable
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow
from backend.tables.places import require_place
from backend.tables.retrying import retried


@retried
async def place_merchant(
    merchant_id: int, place_id: int, reason: str, *, actor: Actor, at: int
) -> MerchantRow:
    """Say where a merchant stands, 0: nowhere in particular.

    On another campus its payable goes along only while nothing was posted to it: what was taken
    stands in the books of where it was taken, and the trail says that it stayed.

    Raises:
        NotFoundError: no such merchant or place, or one that is not the actor's.

    """
    if not actor.reach.has_place(place_id):
        raise unknown_place()
    async with transaction():
        row = await MerchantRow.select_for_update().get_or_none(id=merchant_id)
        if row is None or not actor.reach.has_merchant(merchant_id):
            raise NotFoundError(
                "unknown_merchant", zh="没有这个商户。", en="There is no such merchant."
            )
        if place_id:
            await require_place(place_id)
        if row.place_id != place_id:
            subject, before = f"merchant:{merchant_id}", row.place_id
            row.place_id = place_id
            await row.save(update_fields=["place_id"])
            is_in_book = await move_payable(merchant_id, await book_at(place_id))
            detail = {
                "reason": reason,
                "before": before,
                "after": place_id,
                "has_own_book": is_in_book,
            }
            await note(actor.label, "merchants.place", subject, at, **detail)
    return row
