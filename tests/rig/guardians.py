"""Guardians as the tables hold them, for tests that do not ask WeChat."""

from __future__ import annotations

import os
from dataclasses import dataclass

from backend.domain.guardian import Sees
from backend.domain.tokens import TOKEN_BYTES, session_token
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.guardian import GuardianshipRow
from backend.tables.guardians import guardian_of, lock_holder, open_session, tie
from backend.tables.wechat_accounts import keep_account


@dataclass(frozen=True)
class Guardian:
    """Somebody who looks after cardholders, logged in."""

    id: int
    session: str

    @property
    def headers(self) -> dict[str, str]:
        """What his phone sends with every request."""
        return {"authorization": f"Bearer {self.session}"}


async def new_guardian(openid: str, at: int, *holder_ids: int) -> Guardian:
    """A guardian of these holders, whatever their age; an adult has chosen nothing yet."""
    wechat_id = await keep_account(openid, f"sealed {openid}", at)
    async with transaction():
        for holder_id in sorted(holder_ids):
            await lock_holder(holder_id)
        guardian_id = await guardian_of(wechat_id, at)
        for holder_id in holder_ids:
            await tie(guardian_id, holder_id, "妈妈", at)
        made = await open_session(guardian_id, session_token(os.urandom(TOKEN_BYTES)), at)
    return Guardian(guardian_id, made.session)


async def make_minor(holder_id: int) -> None:
    """Say that a holder is not of age."""
    await CardholderRow.filter(id=holder_id).update(is_adult=False)


async def choose(holder_id: int, guardian: Guardian, sees: Sees) -> None:
    """Note what an adult lets a guardian see."""
    row = GuardianshipRow.filter(holder_id=holder_id, guardian_id=guardian.id)
    await row.update(sees=sees)
