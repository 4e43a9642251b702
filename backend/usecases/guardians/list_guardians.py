from __future__ import annotations

from dataclasses import dataclass

from backend.domain.card import unknown_cardholder
from backend.domain.guardian import GuardianView
from backend.domain.times import utc
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import GuardianCodeRow
from backend.tables.guardians import guardians_of


@dataclass(frozen=True, slots=True)
class Guardians:
    """A holder's guardians; `invited_until` (Unix seconds) while a code is out, else 0."""

    guardians: tuple[GuardianView, ...]
    is_adult: bool
    invited_until: int


async def list_guardians(holder_id: int, *, at: int) -> Guardians:
    """Who looks after a holder, and what each of them sees."""
    holder = await CardholderRow.get_or_none(id=holder_id)
    if holder is None:
        raise unknown_cardholder()
    live = GuardianCodeRow.filter(holder_id=holder_id, used_at=None, expires_at__gt=utc(at))
    code = await live.order_by("-id").first()
    until = 0 if code is None else int(code.expires_at.timestamp())
    return Guardians(await guardians_of(holder), holder.is_adult, until)
