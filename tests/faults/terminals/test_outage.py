"""
The canteen never stops: whatever lies dead behind the counter, the queue goes on (R23).

A true terminal program, a cable, a true server of two workers on MariaDB and Redis. Each in turn is
stopped, swallowed or killed; every tap meanwhile ends in an approval within three seconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backend.tables.card import CardRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables, transaction
from backend.tables.versions import DIRECTORY, next_version
from backend.usecases.terminals.make_enrolment import make_enrolment
from campus_code import RecordKind
from qr_terminals.__main__ import main
from qr_terminals.config import read_identity
from qr_terminals.journal import JOURNAL_FILE, Journal
from simulators.databases import PrivateMariaDB, PrivateRedis
from tests.rig.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.rig.process import ServerProcess
from tests.rig.raw_books import assert_sound
from tests.rig.town import ADMIN, RULES, Sent, Town, town_of
from tests.terminals.program import Program

ALONE_SECONDS_MAX = 3.0
KNOWN_SECONDS_MAX = 20.0
PRICE_FEN = 300
CARDS = 20
FOR_EVER = 1 << 30


@pytest.fixture
def served(migrated_url: str, tmp_path: Path) -> Iterator[tuple[Town, ServerProcess, PrivateRedis]]:
    """A town of its own behind two workers; whatever was stopped goes on at the end."""
    with (
        PrivateRedis() as redis,
        town_of(migrated_url, tmp_path, XIAOMA_WORKERS="2", XIAOMA_REDIS=redis.url) as (
            town,
            server,
        ),
    ):
        yield town, server, redis


async def _people(town: Town) -> tuple[str, list[str]]:
    """A token for one more till, and cards with money."""
    await open_tables(DatabaseUrl.parse(town.url))
    try:
        made = await make_enrolment(
            "till 9", 1, "canteen",
            rules=RULES, actor=ADMIN, at=time.time(), randomness=os.urandom,
        )  # fmt: skip
        cards = [(await town.holder(10_000, 1))[1][0] for _ in range(CARDS)]
        async with transaction():
            version = await next_version(DIRECTORY)  # so that terminals hear of them
            await CardRow.all().update(changed_version=version, offline_limit_fen=10_000)
    finally:
        await close_tables()
    return made.token, cards


@contextmanager
def _stopped(*pids: int) -> Iterator[None]:
    """These processes stand still: they hold their connections and answer nothing."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def _swallowed(cable: FaultProxy) -> Iterator[None]:
    """Everything is sent and nothing arrives; nobody says so."""
    cable.plan(Fault.UNHEARD, b"", FOR_EVER)
    try:
        yield
    finally:
        cable.times = 0
        for task in tuple(cable.tasks):
            task.cancel()


class Counter:
    """The queue at one counter: each card pays once, and the time of each is taken."""

    def __init__(self, program: Program, town: Town, cards: list[str]) -> None:
        self._program, self._town, self._cards = program, town, iter(cards)
        self.shown: list[dict[str, Any]] = []

    def sell(self, count: int) -> list[bool]:
        """So many taps; whether the server was asked and answered, each."""
        for _ in range(count):
            self._program.type(f"amount {PRICE_FEN}")
            self._program.next()
            began = time.monotonic()
            line = self._program.scan(self._town.code(next(self._cards)))
            assert line["result"] == "approved", line.get("reason")
            assert time.monotonic() - began < ALONE_SECONDS_MAX
            self.shown.append(line)
        return [bool(line["online"]) for line in self.shown[-count:]]

    def wait_directory(self) -> None:
        """Until the terminal knows the cards."""
        until = time.monotonic() + KNOWN_SECONDS_MAX
        while time.monotonic() < until:
            self._program.next("synced")
            self._program.type("status")
            if self._program.next("status")["versions"]["directory"]:
                return
        raise AssertionError("the directory never came")

    def wait_synced(self) -> None:
        """Until the network has been back once more."""
        while not self._program.lines.empty():
            self._program.lines.get()
        self._program.next("synced")


def _queue(
    counter: Counter, cable: FaultProxy, pids: tuple[int, list[int]], redis: PrivateRedis
) -> None:
    mariadb, workers = pids
    assert counter.sell(1) == [True]
    for outage in (_stopped(mariadb), _stopped(*workers), _swallowed(cable)):
        with outage:
            assert counter.sell(2) == [False, False]
        counter.wait_synced()
        assert counter.sell(1) == [True], "it is asked again once it is back"
    redis.kill()
    assert counter.sell(2) == [True, True], "Redis is asked nothing about money"
    counter.wait_synced()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("migrated_url", ["mariadb"], indirect=True)
async def test_the_queue_goes_on_whatever_is_dead(
    served: tuple[Town, ServerProcess, PrivateRedis], mariadb: PrivateMariaDB, tmp_path: Path
) -> None:
    town, server, redis = served
    token, cards = await _people(town)
    home = tmp_path / "home"
    async with fault_proxy(int(server.base_url.rpartition(":")[2])) as cable:
        words = ["enrol", f"xm1:http://127.0.0.1:{cable.port}|{token.partition('|')[2] or token}"]
        assert await asyncio.to_thread(main, [*words, "--home", str(home)]) == 0
        program = await asyncio.to_thread(Program, home)
        counter = Counter(program, town, cards)
        try:
            await asyncio.to_thread(counter.wait_directory)
            pids = mariadb.pid, server.workers()
            await asyncio.to_thread(_queue, counter, cable, pids, redis)
            own = read_identity(home).terminal_id
            sent = [Sent(own, int(line["sequence"])) for line in counter.shown]
            books = await asyncio.to_thread(assert_sound, town.url, [*town.sent, *sent])
            for line in counter.shown:
                assert books.payment(own, line["sequence"])[5] == PRICE_FEN
            for pid in (server.process.pid, *server.workers()):
                os.kill(pid, signal.SIGKILL)
            assert await asyncio.to_thread(counter.sell, 2) == [False, False]
        finally:
            await asyncio.to_thread(program.kill)
    _check_kept(home, counter)


def _check_kept(home: Path, counter: Counter) -> None:
    """Whatever was shown is in the journal of a terminal that was killed at last."""
    journal = Journal(home / JOURNAL_FILE)
    kept = {
        held.record.sequence for held in journal.records() if held.record.kind is RecordKind.PAYMENT
    }
    journal.close()
    assert {int(line["sequence"]) for line in counter.shown} <= kept
