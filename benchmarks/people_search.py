"""`python3 benchmarks/people_search.py [--json] [--people N]`: finding one of a hundred thousand.

Each kind of search the card office has, first page of fifty, through the real use case (the line in
the trail included), on SQLite and on MariaDB. Beside it in the same rounds what a search cannot be
quicker than: the same page of fifty by keys that are known, the trail's line too. Aim: every kind
within 200 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.domain.access import Actor, Audience, Role
from backend.domain.people_search import Membership, PeopleWanted
from backend.domain.times import utc
from backend.migrate import migrate
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables, transaction
from backend.tables.guardian import ContactRow
from backend.usecases.cardholders.search_cardholders import search_cardholders
from benchmarks.figures import Spread, load_average, ratio_of, tell
from campus_code import card_number
from simulators.databases import PrivateMariaDB

PEOPLE = 100_000
PAGE = 51
ROUNDS = 25
AIM_MS = 200
ROWS_A_STATEMENT = 5_000
FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰文辉建国红梅林鹏飞宇浩然欣怡"
COLLEGES = ("信息学院", "文学院", "理学院", "医学院", "商学院", "外国语学院", "法学院", "艺术学院")
OFFICE = Actor(Audience.STAFF, 1, "benchmark", role=Role.CARD_OFFICE)
AT = 1_800_000_000
CAMPUSES = 3


@dataclass(frozen=True)
class School:
    """How many people, and one of them whom everybody looks for."""

    people: int
    number: str
    name: str
    card: str
    tail: str


async def fill(people: int) -> School:
    """People as a university has them: common names, eight colleges, a card and a phone each."""
    drawn = random.Random(6)
    at = utc(AT)
    school = None
    for first in range(1, people + 1, ROWS_A_STATEMENT):
        ids = range(first, min(first + ROWS_A_STATEMENT, people + 1))
        holders = [
            CardholderRow(
                id=n,
                number=f"20{20 + n % 6}{n:06}",
                name=drawn.choice(FAMILIES) + drawn.choice(GIVEN) + drawn.choice(GIVEN),
                department=f"{drawn.choice(COLLEGES)}/{n % 40}班",
                class_id=1 + (n % 20 == 0),
                is_active=n % 10 != 0,
                campus_id=1 + n % CAMPUSES,
                created_at=at,
            )
            for n in ids
        ]
        contacts = [
            ContactRow(
                holder_id=n,
                kind="self",
                phone_hash=f"{n:064x}",
                tail=f"{drawn.randrange(10_000):04}",
                made_by="benchmark",
                made_at=at,
            )
            for n in ids
        ]
        cards = [
            CardRow(id=n, number=card_number(n), holder_id=n, state=n % 50 == 0, opened_at=at)
            for n in ids
        ]
        async with transaction():
            await CardholderRow.bulk_create(holders)
            await ContactRow.bulk_create(contacts)
            await CardRow.bulk_create(cards)
        one = holders[-1]
        school = School(people, one.number, one.name, cards[-1].number, contacts[-1].tail)
    if school is None:
        raise SystemExit("a school has people")
    return school


def kinds(school: School) -> Mapping[str, PeopleWanted]:
    """What the card office types, the worst of each kind among it."""
    return {
        "whole number": PeopleWanted(school.number),
        "beginning of a number": PeopleWanted("2023"),
        "nobody's number": PeopleWanted("9999999999"),
        "a family's name": PeopleWanted("王"),
        "whole name": PeopleWanted(school.name),
        "nobody's name": PeopleWanted("欧阳锋"),
        "latin letters": PeopleWanted("Smith"),
        "card number": PeopleWanted(school.card),
        "phone's last four": PeopleWanted(school.tail),
        "a small class": PeopleWanted(class_id=2),
        "a college": PeopleWanted(department="医学院"),
        "a name in a college": PeopleWanted("王伟", department="艺术学院"),
        "a frozen card": PeopleWanted(card="frozen"),
        "a lost card, none is": PeopleWanted(card="lost"),
        "who has left, in a class": PeopleWanted(class_id=2, membership=Membership.INACTIVE),
        "everybody": PeopleWanted(),
        "one campus": PeopleWanted(campus_ids=frozenset({2})),
        "two campuses": PeopleWanted(campus_ids=frozenset({1, 3})),
        "a campus that has nobody": PeopleWanted(campus_ids=frozenset({99})),
        "a family's name on one campus": PeopleWanted("王", campus_ids=frozenset({2})),
    }


async def by_keys(numbers: list[str]) -> None:
    """Read a page of fifty whose keys are known, with their cards and the trail's line."""
    rows = await CardholderRow.filter(number__in=numbers).order_by("number")
    await CardRow.filter(holder_id__in=[row.id for row in rows])
    await note(OFFICE.label, "cardholders.search", "cardholders", AT, found=len(rows))


async def measure(url: str, people: int) -> dict[str, Any]:
    """Every kind on one database, in turns with the floor."""
    await open_tables(DatabaseUrl.parse(url))
    try:
        school = await fill(people)
        page = [f"20{20 + n % 6}{n:06}" for n in range(1, PAGE)]
        took: dict[str, list[float]] = {name: [] for name in kinds(school)}
        floor: list[float] = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await by_keys(page)
            floor.append((time.perf_counter() - began) * 1000)
            for name, wanted in kinds(school).items():
                began = time.perf_counter()
                await search_cardholders(wanted, "", PAGE, actor=OFFICE, at=AT)
                took[name].append((time.perf_counter() - began) * 1000)
    finally:
        await close_tables()
    slowest = max(took, key=lambda name: sorted(took[name])[ROUNDS // 2])
    return {
        "page_by_known_keys_ms": Spread.of(floor).told(1),
        **{f"{name}, ms": Spread.of(values).told(1) for name, values in took.items()},
        "slowest kind": slowest,
        "slowest_to_known_keys": ratio_of(took[slowest], floor),
        "within the aim": sum(one <= AIM_MS for values in took.values() for one in values),
        "of": sum(len(values) for values in took.values()),
    }


async def run(people: int) -> dict[str, Any]:
    """Both databases, one after the other."""
    figures: dict[str, Any] = {"people": people, "load": load_average()}
    with tempfile.TemporaryDirectory() as folder, PrivateMariaDB() as mariadb:
        for name, url in (
            ("sqlite", f"sqlite://{folder}/people.sqlite3"),
            ("mariadb", mariadb.fresh_database("people")),
        ):
            await migrate(DatabaseUrl.parse(url))
            figures[name] = await measure(url, people)
    return figures


def main() -> None:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"people ({PEOPLE})")
    parser.add_argument("--scale", type=float, default=1.0, help="share of these people")
    chosen = parser.parse_args()
    tell(asyncio.run(run(int(chosen.people * chosen.scale))), as_json=chosen.json)


if __name__ == "__main__":
    main()
