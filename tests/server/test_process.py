"""The server as processes: what it refuses, how it stops, who replaces a dead worker."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from backend.domain.access import Actor, Audience, Role
from backend.domain.times import utc
from backend.gateways.bus import RedisBus
from backend.gateways.vault import FileVault
from backend.tables.accounts import open_payable
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables, transaction
from backend.tables.merchant import MerchantRow
from backend.tables.versions import DIRECTORY, deny, next_version
from backend.usecases.epochs.open_epochs import open_epochs
from backend.usecases.rules.publish_rules import publish_rules
from backend.usecases.terminals.make_enrolment import make_enrolment
from backend.usecases.terminals.revoke_terminal import revoke_terminal
from campus_code import CardState, card_number, to_json
from simulators.databases import PrivateMariaDB, PrivateRedis
from tests.rig.campus import make_rules
from tests.rig.clients import new_client
from tests.rig.device import Device
from tests.rig.listening import RememberingBus
from tests.rig.process import ServerProcess, run, serving, settings
from tests.rig.tables import empty_tables

ADMIN = Actor(Audience.STAFF, 1, "tests", role=Role.ADMIN)
CARD = card_number(7)


class School:
    """What stands in the database of a server that runs elsewhere."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.vault = FileVault.make(folder / "server.keys")
        self.bus = RememberingBus()  # its words reach nobody: another process, another bus

    async def found(self) -> None:
        raw = to_json(make_rules())
        await publish_rules(raw, published_by="tests", at=time.time(), bus=self.bus)
        await open_epochs(self.vault, os.urandom, time.time(), self.bus)
        await MerchantRow.create(id=1, name="面馆")
        await open_payable(1)
        await CardholderRow.create(
            id=1, number="S1", name="x", class_id=1, created_at=utc(time.time())
        )
        async with transaction():
            await CardRow.create(
                number=CARD,
                holder_id=1,
                issue=1,
                changed_version=await next_version(DIRECTORY),
                opened_at=utc(time.time()),
            )

    async def device(self, http: httpx.AsyncClient) -> Device:
        made = await make_enrolment(
            "till",
            1,
            "canteen",
            rules=make_rules(),
            actor=ADMIN,
            at=time.time(),
            randomness=os.urandom,
        )
        device = Device()
        assert (await device.enrol(http, f"xm1:x|{made.token}")).status_code == 201
        answer = await device.open_session(http, int(time.time()))
        assert answer.status_code == 201, answer.text
        await device.sync(http, int(time.time()))
        await device.sync(http, int(time.time()))
        return device

    async def freeze(self) -> None:
        async with transaction():
            at = utc(time.time())
            await deny(CARD, None, CardState.FROZEN, made_at=at, made_by="tests")


@pytest_asyncio.fixture
async def school(db: DatabaseUrl, migrated_url: str, tmp_path: Path) -> School:
    """A school with rules, key epochs, one merchant and one card."""
    made = School(migrated_url, tmp_path)
    await made.found()
    return made


async def until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait for something, answer how long it took."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the kernel tells nobody
            await asyncio.sleep(0.02)
    return time.monotonic() - began


async def listen(server: ServerProcess, device: Device) -> tuple[httpx.AsyncClient, httpx.Response]:
    http = new_client(server.base_url, timeout=30)
    headers = device.headers("GET", "/terminal/events")
    request = http.build_request("GET", "/terminal/events", headers=headers)
    return http, await http.send(request, stream=True)


# ---------------------------------------------------------------------------------- refusals


def test_a_database_without_tables_is_refused(tmp_path: Path, sqlite_url: str) -> None:
    done = run("backend.server", settings(sqlite_url, tmp_path))
    assert done.returncode == 2
    assert "python -m backend.migrate" in done.stderr
    assert "Traceback" not in done.stderr
    done = run("backend.worker", settings(sqlite_url, tmp_path))
    assert done.returncode == 2
    assert "python -m backend.migrate" in done.stderr


def test_a_port_that_is_taken_is_refused(tmp_path: Path, migrated_url: str) -> None:
    environment = settings(migrated_url, tmp_path)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", int(environment["XIAOMA_PORT"])))
        other.listen()
        done = run("backend.server", environment)
    assert done.returncode == 2
    assert "XIAOMA_PORT" in done.stderr


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    done = run("backend.server", settings("sqlite:///x", tmp_path, XIAOMA_WORKERS="3"))
    assert done.returncode == 2
    assert done.stderr.startswith("XIAOMA_WORKERS: ")
    assert done.stderr.count("\n") == 1


# ---------------------------------------------------------------------------------- stopping


async def test_sigterm_ends_an_open_stream_quickly(school: School) -> None:
    with serving(settings(school.url, school.folder), school.folder) as server:
        async with new_client(server.base_url) as http:
            device = await school.device(http)
            streams = [await listen(server, device) for _ in range(3)]
        status, seconds = await asyncio.to_thread(server.stop)
        assert (status, seconds < 3) == (0, True), f"{status} after {seconds:.1f} s"
        assert "served" in server.log  # the last line: nothing hung, tables are closed
        assert "Traceback" not in server.log
        for opened, answer in streams:
            await answer.aclose()
            await opened.aclose()


# ------------------------------------------------------------------------- several processes


@pytest_asyncio.fixture
async def big_school(migrated_mariadb: str, tmp_path: Path) -> AsyncIterator[School]:
    """A school on MariaDB: several workers are refused on SQLite."""
    empty_tables(migrated_mariadb)
    made = School(migrated_mariadb, tmp_path)
    try:
        await open_tables(DatabaseUrl.parse(migrated_mariadb))
        await made.found()
        yield made
    finally:
        await close_tables()


def two_workers(school: School, redis_url: str) -> dict[str, str]:
    return settings(school.url, school.folder, XIAOMA_WORKERS="2", XIAOMA_REDIS=redis_url)


def is_replaced(server: ServerProcess, victim: int) -> bool:
    workers = server.workers()
    return victim not in workers and len(workers) == 2


def are_gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


async def test_a_killed_worker_is_replaced(big_school: School, redis_url: str) -> None:
    with serving(two_workers(big_school, redis_url), big_school.folder) as server:
        await until(lambda: len(server.workers()) == 2, 10)
        for victim in server.workers():
            os.kill(victim, signal.SIGKILL)
            await until(partial(is_replaced, server, victim), 5)
        await asyncio.to_thread(server.wait_well)
        async with new_client(server.base_url) as http:
            await big_school.device(http)
        children = server.workers()
        status, _ = await asyncio.to_thread(server.stop)
        assert status == 0
        assert are_gone(children)


async def test_workers_leave_when_their_supervisor_is_killed(
    big_school: School, redis_url: str
) -> None:
    with serving(two_workers(big_school, redis_url), big_school.folder) as server:
        await until(lambda: len(server.workers()) == 2, 10)
        children = server.workers()
        server.process.kill()
        server.process.wait()
        await until(lambda: are_gone(children), 10)


async def statuses(server: ServerProcess, device: Device, count: int) -> set[int]:
    """What so many syncs on connections of their own are answered: by every worker, that is."""

    async def ask() -> int:
        async with new_client(server.base_url) as http:
            report = device.report(int(time.time()))
            return (await device.post(http, "/terminal/sync", report)).status_code

    return set(await asyncio.gather(*(ask() for _ in range(count))))


async def test_a_revocation_acts_in_every_worker_even_without_the_bus(
    big_school: School,
) -> None:
    with (
        PrivateRedis() as redis,
        serving(two_workers(big_school, redis.url), big_school.folder) as server,
    ):
        async with new_client(server.base_url) as http:
            device = await big_school.device(http)
        assert await statuses(server, device, 16) == {200}  # both workers know the session now
        redis.kill()
        # revoked by a process whose bus reaches nobody
        await revoke_terminal(
            device.terminal_id, "stolen", actor=ADMIN, at=time.time(), bus=big_school.bus
        )
        await asyncio.sleep(1)
        assert await statuses(server, device, 16) == {403}


async def test_a_freeze_reaches_the_terminals_of_every_worker(
    big_school: School, redis_url: str
) -> None:
    bus = RedisBus(redis_url)
    await bus.start()
    with serving(two_workers(big_school, redis_url), big_school.folder) as server:
        async with new_client(server.base_url) as http:
            device = await big_school.device(http)
        ears = [await listen(server, device) for _ in range(8)]
        lines = [answer.aiter_lines() for _, answer in ears]
        await asyncio.sleep(0.5)
        await big_school.freeze()
        began = time.monotonic()
        await bus.publish("denylist", {"version": 1})
        async with asyncio.timeout(5):
            for one in lines:
                await heard(one)
        assert time.monotonic() - began < 1
        await big_school.freeze()  # and nobody says so: the workers look by themselves
        async with asyncio.timeout(5):
            for one in lines:
                await heard(one)
        for http, answer in ears:
            await answer.aclose()
            await http.aclose()
    await bus.close()


async def heard(lines: AsyncIterator[str]) -> None:
    async for line in lines:
        if line == "event: denylist":
            return
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("migrated_url", ["mariadb"], indirect=True)
async def test_health_says_so_when_the_database_is_gone(
    mariadb: PrivateMariaDB, migrated_url: str, tmp_path: Path
) -> None:
    with serving(settings(migrated_url, tmp_path), tmp_path) as server:
        mariadb.kill()
        answer = await asyncio.to_thread(httpx.get, f"{server.base_url}/open/health")
        assert (answer.status_code, answer.json()["database"]) == (503, False)
        mariadb.start()
        await asyncio.to_thread(server.wait_well)
