"""Finding people, on both databases: what words mean, what narrows, what is written down."""

from __future__ import annotations

from typing import Any

import pytest

from backend.domain.access import Role
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import ContactRow
from backend.tables.staff import AuditRow
from tests.rig.campus import GUEST, STUDENT
from tests.rig.office import Office

SEARCH = "/staff/cardholders/searches"
PEOPLE = (
    ("2024001", "王伟", "信息学院/软件2401", STUDENT, True),
    ("2024002", "王小伟", "信息学院/网络2401", STUDENT, True),
    ("2024003", "李王伟", "信息学院", STUDENT, False),
    ("2025001", "Wang Wei", "文学院", STUDENT, True),
    ("WANG1", "100%_好", "文学院", GUEST, True),
    ("G-1", "欧阳锋", "", GUEST, True),
)


async def fill() -> dict[str, int]:
    """The people above; their ids by number."""
    ids = {}
    for number, name, department, class_id, is_active in PEOPLE:
        row = await CardholderRow.create(
            number=number,
            name=name,
            department=department,
            class_id=class_id,
            is_active=is_active,
            created_at="2026-01-01T00:00:00+00:00",
        )
        ids[number] = row.id
    return ids


async def find(office: Office, headers: dict[str, str], **wanted: Any) -> list[str]:
    """The numbers of whom a search finds."""
    answer = await office.http.post(SEARCH, headers=headers, json=wanted)
    assert answer.status_code == 200, answer.text
    return [one["number"] for one in answer.json()["people"]]


@pytest.mark.parametrize(
    "wanted, numbers",
    [
        ({}, ["2024001", "2024002", "2024003", "2025001", "G-1", "WANG1"]),
        ({"text": "2024"}, ["2024001", "2024002", "2024003"]),
        ({"text": " 2024002 "}, ["2024002"]),
        ({"text": "王"}, ["2024001", "2024002"]),
        ({"text": "王伟"}, ["2024001"]),
        ({"text": "Wang"}, ["2025001", "WANG1"]),
        ({"text": "g-1"}, ["G-1"]),
        ({"text": "100%_"}, ["WANG1"]),
        ({"text": "10_"}, []),
        ({"text": "%"}, []),
        ({"text": "' OR 1=1 --"}, []),
        ({"text": "\U0010ffff"}, []),
        ({"text": "0101"}, ["2024002"]),
        ({"class_id": GUEST}, ["G-1", "WANG1"]),
        ({"department": "信息学院"}, ["2024001", "2024002", "2024003"]),
        ({"department": "信息学院/", "text": "王小"}, ["2024002"]),
        ({"membership": "inactive"}, ["2024003"]),
        ({"membership": "active", "department": "信息"}, ["2024001", "2024002"]),
        ({"card": "none"}, ["2024002", "2024003", "WANG1", "G-1"]),
        ({"card": "frozen"}, ["2024001"]),
        ({"card": "active"}, ["2025001"]),
    ],
)
async def test_a_search_finds(office: Office, wanted: dict[str, Any], numbers: list[str]) -> None:
    headers = await office.staff(Role.CARD_OFFICE)
    ids = await fill()
    await office.card(ids["2025001"])
    frozen = await office.card(ids["2024001"])
    await CardRow.filter(id=frozen.id).update(state=1)
    await ContactRow.create(
        holder_id=ids["2024002"],
        kind="self",
        phone_hash="0" * 64,
        tail="0101",
        made_by="tests",
        made_at="2026-01-01T00:00:00+00:00",
    )
    assert sorted(await find(office, headers, **wanted)) == sorted(numbers)


async def test_a_card_is_found_by_its_whole_number(office: Office) -> None:
    headers = await office.staff(Role.CARD_OFFICE)
    ids = await fill()
    card = await office.card(ids["G-1"])
    assert await find(office, headers, text=card.number) == ["G-1"]
    assert await find(office, headers, text=card.number[:7]) == []


async def test_pages_follow_each_other_without_gap_or_repeat(office: Office) -> None:
    headers = await office.staff(Role.CARD_OFFICE)
    await fill()
    for text in ("", "Wang", "2024"):
        whole = await find(office, headers, text=text)
        paged: list[str] = []
        after: str | None = ""
        while after is not None:
            body = {"text": text, "limit": 1, "after": after}
            answer = await office.http.post(SEARCH, headers=headers, json=body)
            paged += [one["number"] for one in answer.json()["people"]]
            after = answer.json()["next"]
        assert paged == whole


async def test_a_search_by_words_leaves_one_line_without_the_words(office: Office) -> None:
    headers = await office.staff(Role.CARD_OFFICE)
    await fill()
    await find(office, headers, class_id=STUDENT)
    assert await AuditRow.filter(verb__startswith="cardholders.").count() == 0
    await find(office, headers, text="王伟")
    (line,) = await AuditRow.filter(verb="cardholders.search")
    assert (line.subject, line.detail) == ("cardholders", {"by": ["name"], "found": 1})


async def test_a_list_tells_nothing_of_money(office: Office) -> None:
    headers = await office.staff(Role.CARD_OFFICE)
    await fill()
    answer = await office.http.post(SEARCH, headers=headers, json={})
    assert set(answer.json()["people"][0]) == {
        "cardholder_id", "number", "name", "department", "class_id", "is_active", "cards", "card",
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [{"after": "x"}, {"after": "WzFd"}, {"limit": 0}, {"limit": 201}, {"card": "x"}, {"who": "x"}],
)
async def test_what_is_no_search_is_refused(office: Office, body: dict[str, Any]) -> None:
    headers = await office.staff(Role.CARD_OFFICE)
    assert (await office.http.post(SEARCH, headers=headers, json=body)).status_code == 400
