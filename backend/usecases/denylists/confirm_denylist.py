"""Say that a denylist which grew faster than is usual is meant."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import InvalidInputError
from backend.domain.times import utc
from backend.tables.audit import note
from backend.tables.card import DenylistConfirmationRow
from backend.tables.database import transaction
from backend.tables.versions import DENYLIST, counter


async def confirm_denylist(version: int, reason: str, *, actor: Actor, at: float) -> None:
    """Let terminals believe every denial up to a version; a second time changes nothing.

    No version rises by it, so terminals hear of it at their next sync.

    Raises:
        InvalidInputError: no denylist of this version has been made yet.

    """
    async with transaction():
        now = await counter(DENYLIST)
        if not 1 <= version <= now:
            raise InvalidInputError("version", f"must be 1 to {now}")
        if await DenylistConfirmationRow.get_or_none(version=version) is None:
            await DenylistConfirmationRow.create(
                version=version, confirmed_by=actor.label, confirmed_at=utc(at), reason=reason
            )
            subject = f"denylist:{version}"
            await note(actor.label, "denylist.confirm", subject, int(at), reason=reason)
