"""Phones, their sessions and binding codes: ending them."""

from __future__ import annotations

from backend.domain.access import Audience
from backend.domain.times import utc
from backend.tables.card import BindingRow, PhoneRow
from backend.tables.staff import SessionRow


async def end_phones(card_id: int, at: int) -> None:
    """Unbind every phone of a card: its sessions end, its unused binding codes are worth nothing.

    Nor is anything told any more to the accounts they logged in by: only phones that are bound are.
    Called under the card's lock.
    """
    ended = utc(at)
    await PhoneRow.filter(card_id=card_id, unbound_at=None).update(unbound_at=ended)
    await end_sessions(Audience.STUDENT, card_id, at)
    await void_codes(card_id, at)


async def end_sessions(audience: Audience, subject_id: int, at: int) -> None:
    """End every open session of a card or a member of staff."""
    await SessionRow.filter(audience=audience, subject_id=subject_id, ended_at=None).update(
        ended_at=utc(at)
    )


async def void_codes(card_id: int, at: int) -> None:
    """Make every unused binding code of a card worthless."""
    ended = utc(at)
    await BindingRow.filter(card_id=card_id, used_at=None, expires_at__gt=ended).update(
        expires_at=ended
    )
