"""Say how many cards an office may ask for in a day."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.tables.audit import note
from backend.tables.card_request import CardQuotaRow
from backend.tables.database import transaction
from backend.tables.retrying import retried


@retried
async def set_quota(office: str, cards_a_day: int, reason: str, *, actor: Actor, at: int) -> None:
    """Set it; 0 lets the office ask for none, and keeps it in the list."""
    async with transaction():
        row = await CardQuotaRow.select_for_update().get_or_none(office=office)
        before = row.cards_a_day if row is not None else None
        if before == cards_a_day:
            return
        if row is None:
            row = CardQuotaRow(office=office)
        row.cards_a_day, row.set_by, row.set_at = cards_a_day, actor.label, at
        await row.save()
        await note(
            actor.label,
            "quotas.set",
            "card_quota",
            at,
            office=office,
            before=before,
            after=cards_a_day,
            reason=reason,
        )
