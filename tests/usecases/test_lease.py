"""One leader: leases, and two workers that share one database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from backend.config import Config
from backend.domain.times import utc
from backend.gateways.vault import FileVault
from backend.gateways.wechat import NoWechat
from backend.gateways.wechat_pay_off import NoWechatPay
from backend.jobs import JOBS, WorkerParts
from backend.schedule import LEASE_SECONDS, Job, Schedule
from backend.tables.database import DatabaseUrl
from backend.tables.lease import give_up_lease, take_lease
from backend.tables.school import LeaseRow
from backend.tables.staff import SessionRow
from backend.usecases.access.expire_secrets import KEPT_SECONDS, expire_secrets
from backend.usecases.rules_board import RulesBoard
from tests.rig.campus import NOON, open_campus
from tests.rig.listening import RememberingBus
from tests.rig.office import Hand


async def test_a_lease_has_one_owner_until_it_ends(db: DatabaseUrl) -> None:
    assert await take_lease("worker", "one", 1000, 30)
    assert not await take_lease("worker", "two", 1000, 30)
    assert await take_lease("worker", "one", 1000, 30)  # again in the same second
    assert await take_lease("worker", "one", 1020, 30)
    assert not await take_lease("worker", "two", 1049, 30)
    assert await take_lease("worker", "two", 1050, 30)
    assert not await take_lease("worker", "one", 1051, 30)
    await give_up_lease("worker", "one")  # it is not one's to give
    assert not await take_lease("worker", "one", 1052, 30)
    await give_up_lease("worker", "two")
    assert await take_lease("worker", "one", 1053, 30)
    assert await take_lease("other", "two", 1053, 30)


async def test_many_ask_at_once_and_one_has_it(db: DatabaseUrl) -> None:
    for at in (1000, 2000, 3000):
        asked = [take_lease("worker", f"owner {n}", at, 30) for n in range(12)]
        assert sum(await asyncio.gather(*asked)) == 1


class Pair:
    """Two workers of one school with one clock; `done` is what each has run."""

    def __init__(self, parts: WorkerParts, clock: Hand) -> None:
        self.clock = clock
        self.done: list[str] = []
        self.one, self.two = (self._worker(parts, name) for name in ("one", "two"))

    def _worker(self, parts: WorkerParts, name: str) -> Schedule[WorkerParts]:
        async def run(_parts: WorkerParts) -> str:
            self.done.append(name)
            return "done"

        return Schedule(parts, [Job("count", 60, run)], name)

    async def tick(self) -> None:
        for worker in (self.one, self.two):
            await worker.renew()
            await worker.run_due()


@pytest_asyncio.fixture
async def parts(db: DatabaseUrl, tmp_path: Path) -> AsyncIterator[WorkerParts]:
    """What jobs get, with a clock that is moved by hand."""
    vault = FileVault.make(tmp_path / "keys")
    campus = await open_campus(db)
    bus = RememberingBus()
    config = Config.read({})
    yield WorkerParts(
        config,
        Hand(),
        os.urandom,
        vault,
        bus,
        campus.ledger,
        RulesBoard(),
        NoWechat(),
        NoWechatPay(),
    )
    await campus.ledger.close()


async def test_only_the_leader_works_and_another_takes_over(parts: WorkerParts) -> None:
    clock = parts.clock
    assert isinstance(clock, Hand)
    pair = Pair(parts, clock)
    for _ in range(5):
        await pair.tick()
        clock.now += 20
    assert pair.done == ["one", "one"]  # at 0 and at 60, never the other
    clock.now += LEASE_SECONDS  # one has died and renews no more
    await pair.two.renew()
    await pair.two.run_due()
    await pair.one.run_due()
    assert pair.done == ["one", "one", "two"]


async def test_a_job_that_fails_is_told_and_tried_again(
    parts: WorkerParts, caplog: pytest.LogCaptureFixture
) -> None:
    clock = parts.clock
    assert isinstance(clock, Hand)
    tries: list[float] = []

    async def run(_parts: WorkerParts) -> str:
        tries.append(clock.now)
        if len(tries) == 1:
            raise RuntimeError("the bank is closed")
        return "done"

    async def other(_parts: WorkerParts) -> str:
        return "fine"

    schedule = Schedule(parts, [Job("pay", 3600, run), Job("other", 3600, other)], "one")
    for _ in range(4):
        await schedule.renew()
        with caplog.at_level("INFO", "xiaoma.worker"):
            await schedule.run_due()
        clock.now += 20
    assert tries == [NOON, NOON + 40]
    assert "pay: failed" in caplog.text
    assert "the bank is closed" in caplog.text
    assert "other: fine" in caplog.text


async def test_a_worker_that_leaves_gives_the_lease_up(parts: WorkerParts) -> None:
    async def run(given: WorkerParts) -> str:
        given.stopping.set()
        return "done"

    schedule = Schedule(parts, [Job("stop", 60, run)], "one")
    async with asyncio.timeout(10):
        await schedule.run()
    assert (await LeaseRow.get(name="worker")).until == 0


async def test_every_job_of_the_schedule_may_run_twice(parts: WorkerParts) -> None:
    for job in (*JOBS, *JOBS):
        await job.run(parts)


async def test_what_is_long_over_is_forgotten(db: DatabaseUrl) -> None:
    for number, expires_at in enumerate((NOON - 1, NOON + 10, NOON + 9_999_999)):
        await SessionRow.create(
            token_hash=str(number),
            audience="staff",
            subject_id=1,
            opened_at=utc(NOON - 100),
            expires_at=utc(expires_at),
        )
    told = await expire_secrets(NOON + KEPT_SECONDS)
    assert told["sessions"] == 1
    assert await SessionRow.all().count() == 2
