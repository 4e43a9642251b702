from __future__ import annotations

from dataclasses import dataclass

from backend.domain.errors import NotFoundError
from backend.domain.guardian import Sees, what_is_seen
from backend.domain.times import utc
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import GuardianCodeRow
from backend.tables.guardians import ties_of


@dataclass(frozen=True, slots=True)
class GuardianView:
    """A guardian for the holder's eyes; `since` is Unix seconds."""

    guardian_id: int
    name: str
    since: int
    sees: Sees


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
        raise NotFoundError("unknown_cardholder", zh="没有这个持卡人", en="No such cardholder")
    live = GuardianCodeRow.filter(holder_id=holder_id, used_at=None, expires_at__gt=utc(at))
    code = await live.order_by("-id").first()
    views = tuple(
        GuardianView(
            guardian_id=tie.guardian_id,
            name=tie.name,
            since=int(tie.bound_at.timestamp()),
            sees=what_is_seen(tie.sees, is_adult=holder.is_adult),
        )
        for tie in await ties_of(holder_id)
    )
    until = 0 if code is None else int(code.expires_at.timestamp())
    return Guardians(views, holder.is_adult, until)
