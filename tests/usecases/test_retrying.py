"""A freeze that loses a deadlock is done again; other faults are not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pymysql
import pytest
import pytest_asyncio
from tortoise.exceptions import OperationalError

from backend.domain.access import Actor, Audience, Role
from backend.domain.card import Part
from backend.domain.times import utc
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.retrying import ASKS_AGAIN, TRIES_MAX, retried
from backend.tables.staff import AuditRow
from backend.tables.versions import read_versions
from backend.usecases.cards.freeze_card import freeze_card
from campus_code import CardState
from tests.rig.campus import NOON
from tests.rig.listening import RememberingBus
from tests.rig.tables import empty_tables

OFFICE = Actor(Audience.STAFF, 3, "王老师", role=Role.CARD_OFFICE)


def fault(code: int) -> OperationalError:
    return OperationalError(pymysql.err.OperationalError(code, "said the database"))


@pytest.mark.parametrize("code", sorted(ASKS_AGAIN))
async def test_it_is_done_again_when_the_database_asks(code: int) -> None:
    faults = [fault(code)] * (TRIES_MAX - 1)

    @retried
    async def work(answer: str) -> str:
        if faults:
            raise faults.pop()
        return answer

    assert await work("done") == "done"


async def test_it_ends_at_some_time() -> None:
    tries = []

    @retried
    async def work() -> None:
        tries.append(1)
        raise fault(1213)

    with pytest.raises(OperationalError):
        await work()
    assert len(tries) == TRIES_MAX


@pytest.mark.parametrize("error", [fault(1064), OperationalError("no such table"), ValueError()])
async def test_another_fault_passes_at_once(error: Exception) -> None:
    tries = []

    @retried
    async def work() -> None:
        tries.append(1)
        raise error

    with pytest.raises(type(error)):
        await work()
    assert len(tries) == 1


@pytest_asyncio.fixture
async def mariadb_open(migrated_mariadb: str) -> AsyncIterator[str]:
    """MariaDB alone: SQLite has one writer and so no deadlocks."""
    empty_tables(migrated_mariadb)
    try:
        await open_tables(DatabaseUrl.parse(migrated_mariadb))
        yield migrated_mariadb
    finally:
        await close_tables()


async def test_a_real_deadlock_loses_no_freeze(mariadb_open: str) -> None:
    holder = await CardholderRow.create(
        number="S1", name="Person 1", class_id=1, created_at=utc(NOON)
    )
    card = await CardRow.create(number="20240013", holder_id=holder.id, opened_at=utc(NOON))
    bus = RememberingBus()
    parts = urlsplit(mariadb_open)
    rival = pymysql.connect(
        host=parts.hostname, port=parts.port or 3306, user=parts.username,
        database=parts.path.strip("/"),
    )  # fmt: skip
    with rival, rival.cursor() as cursor:
        # the rival has written more, so the database lets it win
        names = ",".join(f"('rival-{number}', 1)" for number in range(200))
        cursor.execute(f"INSERT INTO counter (name, value) VALUES {names}, ('directory', 7)")
        freeze = asyncio.create_task(
            freeze_card(card.id, frozenset(Part), actor=OFFICE, at=NOON, bus=bus)
        )
        await asyncio.sleep(0.3)  # the freeze has its card and waits for the counter
        assert not freeze.done()
        await asyncio.to_thread(
            cursor.execute, f"SELECT id FROM card WHERE id = {card.id} FOR UPDATE"
        )
        rival.commit()
    change = await freeze
    assert change.directory_version == 8
    assert (await CardRow.get(id=card.id)).state == CardState.FROZEN
    assert (await read_versions()).denylist == 1
    assert await AuditRow.filter(verb="cards.freeze").count() == 1
    assert [topic for topic, _ in bus.heard] == ["denylist", "directory", "doors"]
