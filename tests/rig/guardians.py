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
from tests.rig.office import Office, Student
from tests.rig.wechat import SimulatedWechat


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


async def new_minor(office: Office) -> Student:
    """A minor with a bound phone."""
    student = await office.student()
    await make_minor(student.holder_id)
    return student


async def child_of(office: Office, guardian: Guardian) -> dict[str, object]:
    """The one child a guardian is shown."""
    answer = await office.http.get("/guardian/children", headers=guardian.headers)
    assert answer.status_code == 200
    (child,) = answer.json()["children"]
    return dict(child)


async def bind_guardian(
    phones: Office, wechat: SimulatedWechat, code: str, openid: str, name: str = "妈妈"
) -> Guardian:
    """Redeem a guardian code over HTTP."""
    body = {"code": code, "wechat_code": wechat.partner.login_code(openid), "name": name}
    answer = await phones.http.post("/guardian/bindings", json=body)
    assert answer.status_code == 201, answer.text
    tie = await GuardianshipRow.all().order_by("-bound_at", "-id").first()
    assert tie is not None
    return Guardian(tie.guardian_id, answer.json()["session"])
