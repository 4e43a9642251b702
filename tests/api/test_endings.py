"""Cards that end: a cohort by two people, one person at the counter, warnings, and the freeze."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest

from backend.domain.access import Role
from backend.tables.card import CardRow, PhoneRow
from backend.tables.cardholder import CardholderRow
from backend.tables.ending import HolderEndRow
from backend.tables.message import ConsentRow, OutboxRow
from backend.tables.staff import AuditRow
from backend.usecases.endings.end_holders import end_holders
from backend.usecases.endings.warn_holders import warn_holders
from campus_code import CardState
from tests.rig.campus import GUEST, STUDENT
from tests.rig.listening import RememberingBus
from tests.rig.office import Office
from tests.rig.raw_sql import RefusedSqlError, execute

ENDINGS = "/staff/endings"
DAY = 86_400
MANY = 25
"""More than terminals believe in a day without a word from an office."""

_numbers = itertools.count(1)


async def ask(office: Office, headers: dict[str, str], **changes: Any) -> httpx.Response:
    """Ask for the end of all students in forty days."""
    body = {
        "request_key": f"ending-{next(_numbers):06}",
        "name": "2026届",
        "class_id": STUDENT,
        "ends_at": office.at + 40 * DAY,
        "reason": "毕业",
    }
    return await office.http.post(ENDINGS, headers=headers, json={**body, **changes})


async def agree(card_id: int) -> None:
    """Let the phone's account agree to many messages about the card."""
    await PhoneRow.filter(card_id=card_id).update(wechat_id=31)
    await ConsentRow.create(wechat_id=31, template="freeze", messages_left=9, agreed_at=1)


async def approved(office: Office, **changes: Any) -> dict[str, Any]:
    """An ending that two people decided."""
    asker, other = await office.staff(Role.CARD_OFFICE), await office.staff(Role.FINANCE)
    asked = await ask(office, asker, **changes)
    assert asked.status_code == 201, asked.text
    path = f"{ENDINGS}/{asked.json()['ending_id']}/approvals"
    done = await office.http.post(path, headers=other)
    assert done.status_code == 201, done.text
    told: dict[str, Any] = done.json()
    return told


async def test_a_cohort_ends_by_two_people(office: Office) -> None:
    student, guest = await office.holder(), await office.holder(GUEST)
    asker, other = await office.staff(Role.CARD_OFFICE), await office.staff(Role.ADMIN)
    asked = await ask(office, asker)
    assert (asked.json()["state"], asked.json()["holders"]) == ("waiting", 1)
    path = f"{ENDINGS}/{asked.json()['ending_id']}"
    own = await office.http.post(f"{path}/approvals", headers=asker)
    assert (own.status_code, own.json()["error"]) == (403, "two_people")
    assert await HolderEndRow.all().count() == 0
    late = await office.holder()
    done = await office.http.post(f"{path}/approvals", headers=other)
    assert (done.json()["state"], done.json()["holders"]) == ("approved", 2), "as it is then"
    ends = {row.holder_id for row in await HolderEndRow.all()}
    assert ends == {student.id, late.id}
    assert guest.id not in ends


async def test_who_is_due_is_frozen_and_no_longer_active(office: Office) -> None:
    student = await office.student()
    other = await office.holder(GUEST)
    await approved(office)
    bus = RememberingBus()
    assert await end_holders(office.at + 39 * DAY, bus) == 0
    assert await end_holders(office.at + 41 * DAY, bus) == 1
    card = await CardRow.get(id=student.card_id)
    assert (card.state, card.are_doors_frozen, card.frozen_by) == (
        CardState.FROZEN, True, "ending:1",
    )  # fmt: skip
    assert not (await CardholderRow.get(id=student.holder_id)).is_active
    assert (await CardholderRow.get(id=other.id)).is_active
    assert bus.topics() == {"directory", "denylist", "doors"}
    assert await end_holders(office.at + 42 * DAY, bus) == 0, "once"
    assert await AuditRow.filter(verb="cardholders.end").count() == 1


async def test_terminals_do_not_doubt_a_cohort_that_two_people_ended(office: Office) -> None:
    for _ in range(MANY):
        await office.card((await office.holder()).id)
    guest = await office.card((await office.holder(GUEST)).id)
    await approved(office)
    assert await end_holders(office.at + 41 * DAY, RememberingBus()) == MANY
    admin = await office.staff(Role.ADMIN)
    told = (await office.http.get("/admin/denylist", headers=admin)).json()
    assert (told["denied_most"], told["is_meant"]) == (0, True)
    path = f"/staff/cards/{guest.id}/freezes"
    await office.http.post(path, headers=admin, json={"parts": ["money"]})
    told = (await office.http.get("/admin/denylist", headers=admin)).json()
    assert told["denied_most"] == 1, "an office's own freezes count as ever"


async def test_warnings_go_out_thirty_seven_and_one_day_before(office: Office) -> None:
    student = await office.student()
    await agree(student.card_id)
    ends_at = (await approved(office))["ends_at"]
    sent = []
    for days in (31, 30, 29, 8, 7, 6, 1, 0.5):
        await warn_holders(int(ends_at - days * DAY))
        sent.append(await OutboxRow.filter(topic__startswith="ending:").count())
    assert sent == [0, 1, 1, 1, 2, 2, 3, 3]
    assert {row.body["at"] for row in await OutboxRow.all()} == {str(ends_at)}
    assert await warn_holders(ends_at + 1) == 0


async def test_a_worker_that_was_away_sends_the_latest_warning_only(office: Office) -> None:
    student = await office.student()
    await agree(student.card_id)
    ends_at = (await approved(office))["ends_at"]
    await warn_holders(ends_at - 2 * DAY)
    assert await OutboxRow.filter(topic__startswith="ending:").count() == 1
    assert (await HolderEndRow.get(holder_id=student.holder_id)).warned == 2


async def test_one_person_is_put_off_and_warned_anew(office: Office) -> None:
    student = await office.student()
    clerk = await office.staff(Role.CARD_OFFICE)
    ends_at = (await approved(office))["ends_at"]
    await warn_holders(ends_at - 5 * DAY)
    path = f"/staff/cardholders/{student.holder_id}/end"
    body = {"ends_at": ends_at + 100 * DAY, "reason": "延期毕业"}
    assert (await office.http.put(path, headers=clerk, json=body)).status_code == 200
    assert await end_holders(ends_at + DAY, RememberingBus()) == 0
    row = await HolderEndRow.get(holder_id=student.holder_id)
    assert (row.ends_at, row.warned) == (ends_at + 100 * DAY, 0)
    never = {"ends_at": 0, "reason": "留校任教"}
    assert (await office.http.put(path, headers=clerk, json=never)).status_code == 200
    assert await HolderEndRow.all().count() == 0
    (first, second) = await AuditRow.filter(verb="cardholders.set_end").order_by("id")
    assert (first.detail["reason"], second.detail["after"]) == ("延期毕业", 0)


async def test_a_withdrawn_ending_ends_nobody(office: Office) -> None:
    await office.student()
    told = await approved(office)
    clerk = await office.staff(Role.CARD_OFFICE)
    path = f"{ENDINGS}/{told['ending_id']}/withdrawals"
    done = await office.http.post(path, headers=clerk, json={"reason": "日期有误"})
    assert (done.status_code, done.json()["state"]) == (201, "withdrawn")
    assert await end_holders(told["ends_at"] + 1, RememberingBus()) == 0


@pytest.mark.parametrize(
    "changes",
    [{"class_id": None}, {"ends_at": 1}, {"ends_at": 1 << 39}, {"class_id": 99}, {"reason": ""}],
)
async def test_what_is_no_ending_is_refused(office: Office, changes: dict[str, Any]) -> None:
    await office.holder()
    clerk = await office.staff(Role.CARD_OFFICE)
    assert (await ask(office, clerk, **changes)).status_code == 400


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ending SET decided_by = made_by",
        "UPDATE ending SET decision = 'rejected'",
        "UPDATE ending SET ends_at = 5",
        "UPDATE ending SET made_by = 'staff:77'",
    ],
)
async def test_the_database_itself_refuses_one_person(
    office: Office, migrated_url: str, statement: str
) -> None:
    await office.holder()
    await approved(office)
    with pytest.raises(RefusedSqlError):
        execute(migrated_url, statement)
