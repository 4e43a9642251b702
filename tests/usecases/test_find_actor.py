"""Who is asking is read anew each time: nothing that was true at login is believed later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from backend.domain.access import Audience, Role
from backend.domain.errors import UnauthenticatedError
from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.tables.card import CardRow, PhoneRow
from backend.tables.database import DatabaseUrl
from backend.tables.staff import SessionRow, StaffRow
from backend.usecases.access.find_actor import find_actor
from tests.rig.campus import NOON

HOUR = 3600


async def session(audience: Audience, subject_id: int, phone_id: int | None = None) -> None:
    await SessionRow.create(
        token_hash=token_hash("token"),
        audience=audience.value,
        subject_id=subject_id,
        phone_id=phone_id,
        opened_at=utc(NOON),
        expires_at=utc(NOON + HOUR),
    )


async def student() -> None:
    card = await CardRow.create(number="20240013", holder_id=1, issue=1, opened_at=utc(NOON))
    phone = await PhoneRow.create(card_id=card.id, issue=1, bound_at=utc(NOON))
    await session(Audience.STUDENT, card.id, phone.id)


async def hired() -> StaffRow:
    return await StaffRow.create(
        login="wang",
        name="王",
        role=Role.CASHIER.value,
        merchant_id=7,
        password_hash="x",
        totp_secret="x",
        is_enrolled=True,
        created_at=utc(NOON),
    )


async def cashier() -> None:
    await session(Audience.STAFF, (await hired()).id)


async def test_a_student_is_the_holder_of_a_card_and_a_phone(db: DatabaseUrl) -> None:
    await student()
    actor = await find_actor("token", Audience.STUDENT, NOON)
    assert (actor.name, actor.role, actor.merchant_id) == ("20240013", None, None)
    assert None not in (actor.card_id, actor.phone_id, actor.session_id)


async def test_a_cashier_has_a_role_and_a_merchant(db: DatabaseUrl) -> None:
    await cashier()
    actor = await find_actor("token", Audience.STAFF, NOON)
    assert (actor.role, actor.merchant_id, actor.card_id) == (Role.CASHIER, 7, None)


CHANGES: dict[str, tuple[Audience, Callable[[], Awaitable[object]]]] = {
    "unbound": (Audience.STUDENT, lambda: PhoneRow.all().update(unbound_at=utc(NOON))),
    "other card": (Audience.STUDENT, lambda: PhoneRow.all().update(card_id=99)),
    "no card": (Audience.STUDENT, lambda: CardRow.all().delete()),
    "ended": (Audience.STUDENT, lambda: SessionRow.all().update(ended_at=utc(NOON))),
    "expired": (Audience.STUDENT, lambda: SessionRow.all().update(expires_at=utc(NOON))),
    "left": (Audience.STAFF, lambda: StaffRow.all().update(is_active=False)),
    "not enrolled": (Audience.STAFF, lambda: StaffRow.all().update(is_enrolled=False)),
    "gone": (Audience.STAFF, lambda: StaffRow.all().delete()),
}


@pytest.mark.parametrize("why", CHANGES)
async def test_what_has_changed_acts_at_once(db: DatabaseUrl, why: str) -> None:
    audience, change = CHANGES[why]
    await (student() if audience is Audience.STUDENT else cashier())
    await find_actor("token", audience, NOON)
    await change()
    with pytest.raises(UnauthenticatedError):
        await find_actor("token", audience, NOON)


async def test_a_session_is_for_one_audience(db: DatabaseUrl) -> None:
    await student()
    await SessionRow.all().update(subject_id=(await hired()).id)
    for token, audience in (("token", Audience.STAFF), ("other", Audience.STUDENT)):
        with pytest.raises(UnauthenticatedError):
            await find_actor(token, audience, NOON)
    with pytest.raises(UnauthenticatedError):
        await find_actor("token", Audience.STUDENT, NOON + HOUR)
