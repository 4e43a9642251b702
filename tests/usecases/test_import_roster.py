"""Bringing a roster in: idempotent, all or the good lines, in bulk."""

from __future__ import annotations

import os
import time

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.domain.accounts import PURSES
from backend.domain.roster import class_ids_of, read_roster
from backend.tables.account import AccountRow
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow, TallyRow
from backend.tables.database import DatabaseUrl
from backend.tables.staff import AuditRow
from backend.tables.versions import read_versions
from backend.usecases.cardholders.import_roster import (
    LINES_PER_TRANSACTION,
    Choice,
    ImportOptions,
    ImportSummary,
    import_roster,
)
from campus_code import is_damm
from tests.rig.campus import NOON, make_rules
from tests.rig.listening import RememberingBus

RULES = make_rules()
OFFICE = Actor(Audience.STAFF, 3, "王老师", role=Role.CARD_OFFICE)
HEADER = "number,name,department,class,state\n"
TWO = HEADER + "S1,张三,计算机学院,学生,\nS2,李四,图书馆,staff,active\n"


async def bring_in(
    text: str,
    bus: RememberingBus | None = None,
    *,
    choice: Choice = Choice.ALL,
    has_cards: bool = False,
    is_dry_run: bool = False,
) -> ImportSummary:
    return await import_roster(
        read_roster(text.encode(), class_ids_of(RULES.classes)),
        ImportOptions(choice, has_cards, is_dry_run),
        rules=RULES,
        actor=OFFICE,
        at=NOON,
        randomness=os.urandom,
        bus=bus or RememberingBus(),
    )


async def people() -> list[tuple[str, str, str, int, bool]]:
    return [
        (row.number, row.name, row.department, row.class_id, row.is_active)
        for row in await CardholderRow.all().order_by("number")
    ]


async def test_new_people_get_purses_and_if_wanted_a_card_each(db: DatabaseUrl) -> None:
    bus = RememberingBus()
    summary = await bring_in(TWO, bus, has_cards=True)
    assert (summary.added, summary.cards, summary.is_written) == (2, 2, True)
    assert await people() == [
        ("S1", "张三", "计算机学院", 1, True),
        ("S2", "李四", "图书馆", 2, True),
    ]
    for row in await CardholderRow.all():
        assert await AccountRow.filter(holder_id=row.id).count() == len(PURSES)
        assert await TallyRow.filter(holder_id=row.id).count() == 1
    cards = await CardRow.all()
    assert {card.holder_id for card in cards} == {row.id for row in await CardholderRow.all()}
    assert all(is_damm(card.number) for card in cards)
    assert {card.offline_limit_fen for card in cards} == {5000}
    assert {card.changed_version for card in cards} == {(await read_versions()).directory}
    assert bus.topics() == {"directory"}


async def test_the_same_file_twice_changes_nothing(db: DatabaseUrl) -> None:
    await bring_in(TWO, has_cards=True)
    before, audits = await people(), await AuditRow.all().count()
    bus = RememberingBus()
    summary = await bring_in(TWO, bus, has_cards=True)
    assert (summary.added, summary.changed, summary.unchanged) == (0, 0, 2)
    assert await people() == before
    assert await CardRow.all().count() == 2
    assert await AuditRow.all().count() == audits
    assert bus.topics() == set()


async def test_a_changed_line_changes_its_person_and_keeps_card_and_purses(db: DatabaseUrl) -> None:
    await bring_in(TWO, has_cards=True)
    numbers = {row.number for row in await CardRow.all()}
    version = (await read_versions()).directory
    bus = RememberingBus()
    changed = TWO.replace("张三,计算机学院,学生", "张叁,软件学院,guest").replace("active", "离校")
    summary = await bring_in(changed, bus, has_cards=True)
    assert (summary.added, summary.changed, summary.cards) == (0, 2, 0)
    assert await people() == [
        ("S1", "张叁", "软件学院", 3, True),
        ("S2", "李四", "图书馆", 2, False),
    ]
    assert {row.number for row in await CardRow.all()} == numbers
    heard = await CardRow.filter(changed_version__gt=version)
    assert [card.offline_limit_fen for card in heard] == [2000], "terminals hear of the new class"
    assert bus.topics() == {"directory"}


async def test_one_wrong_line_keeps_the_whole_file_out(db: DatabaseUrl) -> None:
    summary = await bring_in(TWO + "S3,=cmd,,1,\n")
    assert summary == ImportSummary(refused=1)
    assert await people() == []


async def test_or_only_itself(db: DatabaseUrl) -> None:
    summary = await bring_in(TWO + "S3,=cmd,,1,\n", choice=Choice.GOOD)
    assert (summary.added, summary.refused, summary.is_written) == (2, 1, True)
    assert [person[0] for person in await people()] == ["S1", "S2"]


async def test_a_dry_run_counts_and_writes_nothing(db: DatabaseUrl) -> None:
    await bring_in(HEADER + "S1,张三,计算机学院,学生,\n")
    summary = await bring_in(TWO.replace("张三", "张叁"), has_cards=True, is_dry_run=True)
    assert (summary.added, summary.changed, summary.cards) == (1, 1, 1)
    assert not summary.is_written
    assert await people() == [("S1", "张三", "计算机学院", 1, True)]
    assert await CardRow.all().count() == 0


async def test_somebody_who_left_gets_no_card(db: DatabaseUrl) -> None:
    summary = await bring_in(HEADER + "S1,张三,,1,inactive\n", has_cards=True)
    assert (summary.added, summary.cards) == (1, 0)


async def test_the_trail_says_how_many_and_names_nobody(db: DatabaseUrl) -> None:
    await bring_in(TWO)
    (line,) = await AuditRow.all()
    assert (line.verb, line.actor) == ("roster.import", "staff:3")
    assert line.detail == {"added": 2, "changed": 0, "cards": 0}


@pytest.mark.timeout(180)
async def test_twenty_thousand_lines_take_seconds(db: DatabaseUrl) -> None:
    body = "".join(f"{20260000 + n},学生{n},学院{n % 40},1,\n" for n in range(20_000))
    begun_at = time.monotonic()
    summary = await bring_in(HEADER + body, has_cards=True)
    first_seconds = time.monotonic() - begun_at
    assert (summary.added, summary.cards) == (20_000, 20_000)
    assert await CardRow.all().distinct().values_list("number", flat=True)
    begun_at = time.monotonic()
    again = await bring_in(HEADER + body, has_cards=True)
    second_seconds = time.monotonic() - begun_at
    assert (again.added, again.changed, again.unchanged) == (0, 0, 20_000)
    begun_at = time.monotonic()
    moved = await bring_in(HEADER + body.replace("学院", "系"), has_cards=True)
    third_seconds = time.monotonic() - begun_at
    assert (moved.changed, moved.unchanged) == (20_000, 0)
    assert await AccountRow.filter(kind="purse").count() == 20_000 * len(PURSES)
    assert 20_000 % LINES_PER_TRANSACTION == 0
    print(f"{db.engine}: {first_seconds:.1f} {second_seconds:.1f} {third_seconds:.1f} s")
    assert max(first_seconds, second_seconds, third_seconds) < 60


async def test_who_is_of_age_comes_with_the_file_and_stays(db: DatabaseUrl) -> None:
    adult = "number,name,department,class,adult\n"
    await bring_in(adult + "S1,张三,,学生,no\nS2,李四,,学生,\nS3,王五,,学生,yes\n")

    async def ages() -> list[bool]:
        return [row.is_adult for row in await CardholderRow.all().order_by("number")]

    assert await ages() == [False, True, True]
    await bring_in(HEADER + "S1,张三丰,,学生,\n")
    assert await ages() == [False, True, True]
    summary = await bring_in(adult + "S1,张三丰,,学生,yes\n")
    assert (summary.changed, await ages()) == (1, [True, True, True])
