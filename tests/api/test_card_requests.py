"""Guests' and second cards: two people, an office's quota, an end."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import httpx
import pytest

from backend.domain.access import Role
from backend.domain.card_request import REQUEST_VALID_SECONDS, CardAsked, RequestKind
from backend.domain.errors import ConflictError
from backend.tables.account import AccountRow
from backend.tables.card import CardRow
from backend.tables.card_request import CardRequestRow
from backend.tables.cardholder import CardholderRow
from backend.tables.ending import HolderEndRow
from backend.tables.staff import AuditRow
from backend.usecases.card_requests.ask_card import ask_card
from tests.rig.campus import GUEST
from tests.rig.office import SYSTEM, Office
from tests.rig.raw_sql import RefusedSqlError, execute

REQUESTS = "/staff/card-requests"
QUOTAS = "/staff/card-quotas"
OFFICE = "招生办"
DAY = 86_400

_numbers = itertools.count(1)


class Desk:
    """Two people of the card office and an admin who sets quotas."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def open(self, quota: int = 3) -> Desk:
        """Log them in, and give the office its quota."""
        self.asker = await self.office.staff(Role.CARD_OFFICE)
        self.other = await self.office.staff(Role.CARD_OFFICE)
        self.admin = await self.office.staff(Role.ADMIN)
        body = {"office": OFFICE, "cards_a_day": quota, "reason": "开放日"}
        answer = await self.office.http.put(QUOTAS, headers=self.admin, json=body)
        assert answer.status_code == 200
        return self

    async def ask(self, **changes: Any) -> httpx.Response:
        """Ask for a guest's card."""
        body = {
            "request_key": f"request-{next(_numbers):06}",
            "kind": "guest",
            "office": OFFICE,
            "name": "访客甲",
            "class_id": GUEST,
            "until_at": self.office.at + 7 * DAY,
            "reason": "开放日",
        }
        return await self.office.http.post(REQUESTS, headers=self.asker, json={**body, **changes})

    async def second(self, holder_id: int, **changes: Any) -> httpx.Response:
        """Ask for a second card."""
        guest: dict[str, Any] = {"name": "", "class_id": 0, "until_at": 0}
        return await self.ask(kind="secondary", cardholder_id=holder_id, **guest, **changes)

    async def decide(
        self, request_id: int, word: str = "approvals", who: dict[str, str] | None = None
    ) -> httpx.Response:
        """Decide as the other person."""
        path = f"{REQUESTS}/{request_id}/{word}"
        return await self.office.http.post(path, headers=who or self.other)


async def test_a_guest_gets_a_card_with_an_end_from_two_people(office: Office) -> None:
    desk = await Desk(office).open()
    asked = await desk.ask()
    assert (asked.status_code, asked.json()["state"]) == (201, "waiting")
    assert await CardholderRow.all().count() == 0
    own = await desk.decide(asked.json()["request_id"], who=desk.asker)
    assert (own.status_code, own.json()["error"]) == (403, "two_people")
    done = await desk.decide(asked.json()["request_id"])
    assert (done.status_code, done.json()["state"]) == (201, "approved")
    guest = await CardholderRow.get(id=done.json()["cardholder_id"])
    assert (guest.name, guest.class_id, guest.department) == ("访客甲", GUEST, OFFICE)
    assert guest.number == f"G{done.json()['request_id']:07}"
    assert (await CardRow.get(holder_id=guest.id)).id == done.json()["card_id"]
    assert await AccountRow.filter(holder_id=guest.id).count() == 2
    assert (await HolderEndRow.get(holder_id=guest.id)).ends_at == asked.json()["until_at"]
    again = await desk.decide(asked.json()["request_id"])
    assert (again.status_code, await CardRow.all().count()) == (201, 1)
    assert await AuditRow.filter(verb="cards.issue", subject=f"card:{again.json()['card_id']}")


async def test_one_person_opens_a_first_card_and_no_second(office: Office) -> None:
    desk = await Desk(office).open()
    holder = await office.holder()
    path = f"/staff/cardholders/{holder.id}/cards"
    first = await office.http.post(path, headers=desk.asker, json={"reason": "新生"})
    assert first.status_code == 201
    second = await office.http.post(path, headers=desk.asker)
    assert (second.status_code, second.json()["error"]) == (409, "second_card")
    asked = await desk.second(holder.id)
    done = await desk.decide(asked.json()["request_id"])
    assert done.status_code == 201, done.text
    assert await CardRow.filter(holder_id=holder.id).count() == 2
    (line,) = await AuditRow.filter(verb="cards.issue", subject=f"card:{first.json()['card_id']}")
    assert line.detail == {"holder_id": holder.id, "reason": "新生"}


async def test_a_quota_is_of_an_office_and_a_day(office: Office) -> None:
    desk = await Desk(office).open(quota=2)
    first, _ = await desk.ask(), await desk.ask()
    third = await desk.ask()
    assert (third.status_code, third.json()["error"]) == (409, "quota_used")
    nobody = await desk.ask(office="别的部门")
    assert (nobody.status_code, nobody.json()["error"]) == (404, "unknown_office")
    assert (await desk.decide(first.json()["request_id"], "rejections")).status_code == 201
    assert (await desk.ask()).status_code == 201, "what was rejected is free again"
    (quota,) = (await office.http.get(QUOTAS, headers=desk.asker)).json()["quotas"]
    assert (quota["office"], quota["cards_a_day"], quota["used"]) == (OFFICE, 2, 2)
    office.clock.now += DAY
    desk.asker = await office.staff(Role.CARD_OFFICE)
    assert (await desk.ask()).status_code == 201


async def test_two_at_once_do_not_both_take_the_last_of_a_quota(office: Office) -> None:
    await Desk(office).open(quota=1)

    async def ask(number: int) -> bool:
        asked = CardAsked(
            request_key=f"at-once-{number}",
            kind=RequestKind.GUEST,
            office=OFFICE,
            reason="开放日",
            name="访客",
            class_id=GUEST,
            until_at=office.at + DAY,
        )
        rules = office.parts.rules.bundle
        try:
            await ask_card(asked, rules=rules, actor=SYSTEM, at=office.at)
        except ConflictError:
            return False
        return True

    assert sum(await asyncio.gather(*(ask(number) for number in range(8)))) == 1
    assert await CardRequestRow.all().count() == 1


async def test_a_repeat_is_the_first_request(office: Office) -> None:
    desk = await Desk(office).open(quota=1)
    first = await desk.ask(request_key="request-again")
    again = await desk.ask(request_key="request-again")
    other = await desk.ask(request_key="request-again", name="访客乙")
    assert first.json() == again.json()
    assert (other.status_code, other.json()["error"]) == (409, "key_used")


async def test_what_waited_too_long_or_ends_before_is_not_approved(office: Office) -> None:
    desk = await Desk(office).open()
    short = (await desk.ask(until_at=office.at + DAY)).json()["request_id"]
    long = (await desk.ask(until_at=office.at + 60 * DAY)).json()["request_id"]
    office.clock.now += REQUEST_VALID_SECONDS + 60
    desk.other = await office.staff(Role.ADMIN)
    for request_id in (short, long):
        late = await desk.decide(request_id)
        assert (late.status_code, late.json()["error"]) == (409, "request_over")
    assert await CardRow.all().count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"until_at": 0},
        {"until_at": 1},
        {"until_at": 1 << 35},
        {"class_id": 99},
        {"cardholder_id": 1},
        {"kind": "secondary"},
        {"kind": "secondary", "cardholder_id": 1},
        {"reason": ""},
        {"office": " x"},
    ],
)
async def test_a_request_that_is_not_whole_is_refused(
    office: Office, changes: dict[str, Any]
) -> None:
    desk = await Desk(office).open()
    assert (await desk.ask(**changes)).status_code == 400


async def test_the_list_is_narrowed_by_state(office: Office) -> None:
    desk = await Desk(office).open()
    one, two = (await desk.ask()).json(), (await desk.ask()).json()
    await desk.decide(one["request_id"])
    for state, ids in (
        ("", [two["request_id"], one["request_id"]]),
        ("waiting", [two["request_id"]]),
        ("approved", [one["request_id"]]),
        ("rejected", []),
    ):
        answer = await office.http.get(f"{REQUESTS}?state={state}", headers=desk.other)
        assert [row["request_id"] for row in answer.json()["requests"]] == ids


ROW = (
    "INSERT INTO card_request (request_key, kind, office, asked_on, holder_id, name, class_id,"
    " until_at, reason, asked_by, asked_at, decision, decided_by, decided_at, card_id) VALUES"
)


@pytest.mark.parametrize(
    "statement",
    [
        f"{ROW} ('a','guest','x',1,0,'n',1,9,'','staff:1',1,'approved','staff:1',1,1)",
        f"{ROW} ('a','guest','x',1,0,'n',1,9,'','staff:1',1,'','',0,1)",
        f"{ROW} ('a','guest','x',1,0,'n',1,0,'','staff:1',1,'','',0,0)",
        "UPDATE card_request SET asked_by = 'staff:2'",
        "UPDATE card_request SET decided_by = 'staff:1'",
        "UPDATE card_request SET decision = 'rejected'",
        "UPDATE card_request SET card_id = 8",
        "UPDATE card_quota SET cards_a_day = -1",
    ],
)
async def test_the_database_itself_refuses_one_person(
    office: Office, migrated_url: str, statement: str
) -> None:
    await Desk(office).open()
    execute(
        migrated_url,
        f"{ROW} ('k','guest','x',1,0,'n',1,9,'','staff:1',1,'approved','staff:2',1,7)",
    )
    with pytest.raises(RefusedSqlError):
        execute(migrated_url, statement)
