"""Two server processes, one purse: real HTTP, real MariaDB, everybody at once."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.tables.database import DatabaseUrl, close_tables, open_tables, transaction
from backend.tables.guardians import lock_holder
from backend.tables.holder_limits import put_limits
from campus_code import HolderLimits
from simulators.databases import PrivateMariaDB, PrivateRedis
from tests.rig.clients import new_client
from tests.rig.process import ServerProcess
from tests.rig.raw_books import assert_sound, select
from tests.rig.servers import migrate_apart
from tests.rig.town import Town, town_of

Answer = dict[str, Any]
CLIENTS = 50


@pytest.fixture(scope="module")
def served(
    mariadb: PrivateMariaDB, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Town, ServerProcess]]:
    """A town behind two workers, for all tests of this file."""
    url = mariadb.fresh_database("races")
    migrate_apart(url)
    folder = tmp_path_factory.mktemp("races")
    with (
        PrivateRedis() as redis,
        town_of(url, folder, XIAOMA_WORKERS="2", XIAOMA_REDIS=redis.url) as made,
    ):
        yield made


@pytest_asyncio.fixture
async def town(served: tuple[Town, ServerProcess]) -> AsyncIterator[Town]:
    """The town with its tables open; its books are checked after each test."""
    made, _ = served
    try:
        await open_tables(DatabaseUrl.parse(made.url))
        yield made
        assert_sound(made.url, made.sent)
        assert (await made.report()).findings == []
    finally:
        await close_tables()


@pytest_asyncio.fixture
async def clients(served: tuple[Town, ServerProcess]) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Each a connection of its own: the kernel deals them out to both processes."""
    base_url = served[1].base_url
    made = [new_client(base_url, timeout=20) for _ in range(CLIENTS)]
    await asyncio.gather(*(one.get("/open/health") for one in made))
    yield made
    await asyncio.gather(*(one.aclose() for one in made))


async def _all(
    town: Town, clients: list[httpx.AsyncClient], taps: list[tuple[int, Answer]]
) -> list[Answer]:
    """Post every (till, tap) at once; each must be answered 200."""
    answers = await asyncio.gather(
        *(
            town.tills[till].post(client, "/terminal/payments", tap)
            for client, (till, tap) in zip(clients, taps, strict=False)
        )
    )
    assert {one.status_code for one in answers} == {200}, [one.text for one in answers]
    return [one.json() for one in answers]


def _approved(answers: list[Answer]) -> list[Answer]:
    return [one for one in answers if one["outcome"] == "approved"]


async def test_fifty_spends_of_one_purse(town: Town, clients: list[httpx.AsyncClient]) -> None:
    lanes = set()
    for _ in range(4):
        holder, cards = await town.holder(1000, CLIENTS)
        taps = []
        for number, card in enumerate(cards):
            till = number % len(town.tills)
            taps.append((till, town.tap(town.tills[till], town.code(card), 300)))
        answers = await _all(town, clients, taps)
        approved = _approved(answers)
        assert len(approved) == 3
        reasons = {one.get("reason") for one in answers if one not in approved}
        assert reasons == {"insufficient_funds"}
        purse = f"SELECT balance_fen FROM account WHERE code='purse:{holder}:cash'"
        assert select(town.url, purse) == [[(100,)]]
        lanes |= {one["payment_id"] >> 32 for one in approved}
    assert len(lanes) == 2, "both processes are meant to have posted"


@pytest.mark.parametrize("limits", [HolderLimits(1000), HolderLimits(kinds={"canteen": 1000})])
async def test_fifty_taps_against_a_guardians_limit(
    town: Town, clients: list[httpx.AsyncClient], limits: HolderLimits
) -> None:
    lanes = set()
    for _ in range(3):
        holder, cards = await town.holder(50_000, CLIENTS)
        async with transaction():
            await put_limits(await lock_holder(holder), limits, "tests", int(time.time()))
        taps = []
        for number, card in enumerate(cards):
            till = number % len(town.tills)
            taps.append((till, town.tap(town.tills[till], town.code(card), 300)))
        answers = await _all(town, clients, taps)
        approved = _approved(answers)
        assert len(approved) == 3
        reasons = {one.get("reason") for one in answers if one not in approved}
        assert reasons <= {"guardian_day_limit", "guardian_kind_limit"}
        lanes |= {one["payment_id"] >> 32 for one in approved}
    assert len(lanes) == 2, "both processes are meant to have posted"


async def test_one_sequence_at_two_processes(town: Town, clients: list[httpx.AsyncClient]) -> None:
    for _ in range(3):
        _, (card,) = await town.holder(10_000, 1)
        tap = town.tap(town.tills[0], town.code(card), 300)
        answers = await _all(town, clients, [(0, tap)] * 20)
        assert len(_approved(answers)) == 20
        assert len({one["payment_id"] for one in answers}) == 1
        assert [one["is_repeat"] for one in answers].count(False) == 1


async def test_one_code_at_two_tills(town: Town, clients: list[httpx.AsyncClient]) -> None:
    people = [(await town.holder(10_000, 1))[1][0] for _ in range(10)]
    taps = []
    for card in people:
        code = town.code(card)
        taps += [(till, town.tap(town.tills[till], code, 300)) for till in (0, 1)]
    answers = await _all(town, clients, taps)
    for first, second in zip(answers[::2], answers[1::2], strict=True):
        assert {first["outcome"], second["outcome"]} == {"approved", "declined"}
        refused = first if first["outcome"] == "declined" else second
        assert refused["reason"] == "already_used"


async def test_nothing_is_approved_after_a_freeze(
    town: Town, clients: list[httpx.AsyncClient]
) -> None:
    """A tap that sets out after the freeze was acknowledged finds the card frozen, everywhere."""
    people = [(await town.holder(10_000, 1))[1][0] for _ in range(8)]

    async def race(number: int, card: str) -> tuple[list[Answer], list[Answer]]:
        mine = clients[number * 5 : number * 5 + 5]
        bound = await mine[0].post(
            "/student/bindings", json={"code": await town.binding_code(card)}
        )
        assert bound.status_code == 201, bound.text
        headers = {"authorization": f"Bearer {bound.json()['session']}"}
        taps = [
            (till, town.tap(town.tills[till], town.code(card, step, issue=2), 300))
            for till, step in enumerate((-2, -1, 0, 1))
        ]
        beside = asyncio.create_task(_all(town, mine[1:3], taps[:2]))
        await asyncio.sleep(0.002 * number)
        body = {"parts": ["money"]}
        frozen = await mine[0].post("/student/freezes", json=body, headers=headers)
        assert frozen.status_code == 201, frozen.text
        after = await _all(town, mine[3:5], taps[2:])
        return await beside, after

    results = await asyncio.gather(*(race(number, card) for number, card in enumerate(people)))
    for before, after in results:
        assert {one.get("reason") for one in after} == {"frozen"}
        assert {one.get("reason") for one in before} <= {None, "frozen", "expired"}


async def test_a_worker_is_killed_under_load(  # noqa: C901 - one story, told in a row
    served: tuple[Town, ServerProcess], town: Town, clients: list[httpx.AsyncClient]
) -> None:
    """What a till was told stands; what it was not told it asks again under the same sequence."""
    server = served[1]
    _, cards = await town.holder(1_000_000, 240)
    approved: list[tuple[int, Answer]] = []
    lost = [0]

    async def pay(client: httpx.AsyncClient, till: int, mine: list[str]) -> None:
        for card in mine:
            tap = town.tap(town.tills[till], town.code(card), 300)
            deadline = time.monotonic() + 15
            while True:
                try:
                    answer = await town.tills[till].post(client, "/terminal/payments", tap)
                except httpx.HTTPError:
                    lost[0] += 1
                    assert time.monotonic() < deadline
                    continue
                if answer.status_code == 200:
                    break
            approved.append((till, answer.json()))

    paying = asyncio.gather(
        *(pay(clients[number], number % 4, cards[number::24]) for number in range(24))
    )
    for place, goal in enumerate((40, 80, 120, 160, 200)):
        if place > 1 and lost[0]:  # both died, and somebody waited for one of them
            break
        while len(approved) < goal:  # noqa: ASYNC110 - it dies in the middle of its work
            await asyncio.sleep(0.001)
        victim = server.workers()[place % 2]
        os.kill(victim, signal.SIGKILL)
        async with asyncio.timeout(10):
            while victim in server.workers() or len(server.workers()) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    await paying
    assert {one["outcome"] for _, one in approved} == {"approved"}
    assert len(approved) == 240
    books = assert_sound(town.url, town.sent)
    for till, answer in approved:
        row = books.payment(town.tills[till].terminal_id, answer["sequence"])
        assert (row[0], row[5]) == (answer["payment_id"], 300)
    assert lost[0], "nobody was answering when the workers died"
