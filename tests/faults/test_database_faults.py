"""The database goes away, loses answers, is killed, or asks for another try: nobody pays twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass

import pymysql
import pytest
import pytest_asyncio

from backend.domain.access import Actor, Audience
from backend.domain.accounts import SchoolAccount
from backend.domain.correction import CorrectionKind
from backend.domain.payment import Attempt, Outcome, OutcomeWord
from backend.tables import store as stores
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.store import StoreUnavailableError
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from simulators.databases import PrivateMariaDB
from tests.rig.campus import NOON, Campus, open_campus
from tests.rig.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.rig.raw_books import assert_sound
from tests.rig.servers import migrate_apart
from tests.rig.tables import empty_tables

COMMIT = b";COMMIT"
BEGIN = b"BEGIN;"


@pytest.fixture(scope="module")
def own_mariadb() -> Iterator[PrivateMariaDB]:
    """A MariaDB that may be killed; nobody waits for a lock longer than a second there."""
    with PrivateMariaDB(options=["--innodb-lock-wait-timeout=1"]) as server:
        migrate_apart(server.fresh_database("own"))
        yield server


@dataclass
class Cabled:
    """A school whose ledger reaches its database through a cable."""

    campus: Campus
    cable: FaultProxy
    server: PrivateMariaDB
    url: str

    async def check(self) -> None:
        """The books are right, by two counts."""
        assert_sound(self.url, self.campus.sent)
        assert (await verify_ledger(self.campus.ledger)).findings == []


@pytest_asyncio.fixture
async def cabled(own_mariadb: PrivateMariaDB) -> AsyncIterator[Cabled]:
    """The tables' own queries go straight to the database, the ledger's through the cable."""
    url = own_mariadb.url("own")
    empty_tables(url)
    async with fault_proxy(own_mariadb.port) as cable:
        try:
            await open_tables(DatabaseUrl.parse(url))
            through = url.replace(f":{own_mariadb.port}/", f":{cable.port}/")
            campus = await open_campus(DatabaseUrl.parse(through))
            yield Cabled(campus, cable, own_mariadb, url)
            await campus.ledger.close()
        finally:
            await close_tables()


FAULTS = [
    (Fault.RESET, BEGIN),
    (Fault.RESET, COMMIT),
    (Fault.HALF, BEGIN),
    (Fault.HALF, COMMIT),
    (Fault.ANSWER_LOST, BEGIN),
    (Fault.ANSWER_LOST, COMMIT),
    (Fault.BLACK_HOLE, COMMIT),
    (Fault.BLACK_HOLE, BEGIN),
    (Fault.UNHEARD, COMMIT),
]


@pytest.mark.parametrize("fault, marker", FAULTS)
@pytest.mark.parametrize("times", [1, 3])
async def test_a_set_survives_its_cable(
    cabled: Cabled, monkeypatch: pytest.MonkeyPatch, fault: Fault, marker: bytes, times: int
) -> None:
    monkeypatch.setattr(stores, "ANSWER_SECONDS_MAX", 0.3)
    campus = cabled.campus
    till, holder = await campus.terminal(), await campus.holder()
    taps = [campus.tap(till, holder, 100, step=step) for step in range(5)]
    cabled.cable.plan(fault, marker, times)
    outcomes = await campus.post(*taps)
    assert cabled.cable.happened >= 1
    assert all(one.is_approved for one in outcomes)
    assert await campus.balance(holder) == 9500
    await cabled.check()


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.BLACK_HOLE, Fault.RESET])
async def test_a_credit_is_never_given_twice(
    cabled: Cabled, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    """A credit has no natural key: only the lane knows that it stands."""
    monkeypatch.setattr(stores, "ANSWER_SECONDS_MAX", 0.3)
    campus = cabled.campus
    holder = await campus.holder()
    cabled.cable.plan(fault, COMMIT, 2)
    await credit_purse(campus.ledger, "cash", SchoolAccount.CASH_DRAWER, [(holder, 500)])
    await credit_purse(campus.ledger, "cash", SchoolAccount.CASH_DRAWER, [(holder, 70)])
    assert await campus.balance(holder) == 10_570
    await cabled.check()


async def test_a_refund_is_never_paid_twice(cabled: Cabled) -> None:
    campus = cabled.campus
    till, holder = await campus.terminal(), await campus.holder()
    (paid,) = await campus.post(campus.tap(till, holder, 1250))
    asked = CorrectionAsked("k", paid.payment_id, CorrectionKind.REFUND, 300, "cold soup")
    request = await ask_correction(asked, Actor(Audience.STAFF, 1, "maker"), NOON)
    checker = Actor(Audience.STAFF, 2, "checker")
    cabled.cable.plan(Fault.ANSWER_LOST, COMMIT)
    await approve_correction(campus.ledger, campus.clock, request, checker)
    await approve_correction(campus.ledger, campus.clock, request, checker)
    assert await campus.balance(holder) == 9050
    await cabled.check()


async def test_a_database_that_stays_away_is_said_so(
    cabled: Cabled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "RECONNECT_SECONDS_MAX", 0.3)
    campus = cabled.campus
    till, holder = await campus.terminal(), await campus.holder()
    tap = campus.tap(till, holder, 100)
    cabled.cable.is_cut = True
    cabled.cable.plan(Fault.ANSWER_LOST, COMMIT)  # and the last thing it did, it did unheard
    with pytest.raises(StoreUnavailableError):
        await campus.post(tap)
    cabled.cable.is_cut = False
    (again,) = await campus.post(tap)
    assert again.word is OutcomeWord.REPEATED
    await cabled.check()


# ------------------------------------------------------------------------- kill -9 under load


async def _pay_on(
    campus: Campus, taps: list[Attempt], told: dict[tuple[int, int], Outcome]
) -> None:
    for tap in taps:
        (outcome,) = await campus.post(tap)
        told[tap.terminal_id, tap.sequence] = outcome


async def test_the_database_is_killed_under_load(cabled: Cabled) -> None:
    """What was answered stands; what was not is posted once when the tills go on."""
    campus = cabled.campus
    tills = [await campus.terminal() for _ in range(3)]
    holders = [await campus.holder(100_000) for _ in tills]
    told: dict[tuple[int, int], Outcome] = {}
    for round_number in range(3):
        work = [
            _pay_on(
                campus,
                [
                    campus.tap(till, holder, 100, step=round_number * 100 + step)
                    for step in range(60)
                ],
                told,
            )
            for till, holder in zip(tills, holders, strict=True)
        ]
        before = len(told)
        paying = asyncio.gather(*work)
        while len(told) < before + 20:  # noqa: ASYNC110 - it dies in the middle of its work
            await asyncio.sleep(0.001)
        cabled.server.kill()
        cabled.server.start()
        await paying
    books = assert_sound(cabled.url, campus.sent)
    assert len(told) == len(books.payments) == 3 * 3 * 60
    for (till, sequence), outcome in told.items():
        assert books.payment(till, sequence)[0] == outcome.payment_id
    assert (await verify_ledger(campus.ledger)).findings == []


# ------------------------------------------------------------------------ asked to try again


def _connect(cabled: Cabled) -> pymysql.Connection:
    at = DatabaseUrl.parse(cabled.url)
    return pymysql.connect(host=at.host, port=at.port, user=at.login, database=at.name)


def _count_rollbacks(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    counted = [0]
    plain = campus.ledger._store._rollback  # type: ignore[attr-defined]

    async def give_up() -> None:
        counted[0] += 1
        await plain()

    monkeypatch.setattr(campus.ledger._store, "_rollback", give_up)
    return counted


async def test_a_lock_held_too_long_is_waited_for(
    cabled: Cabled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1205: somebody else holds the card's row longer than MariaDB is willing to wait."""
    campus = cabled.campus
    till, holder = await campus.terminal(), await campus.holder()
    rollbacks = _count_rollbacks(campus, monkeypatch)
    with closing(_connect(cabled)) as other, other.cursor() as cursor:
        cursor.execute("SELECT id FROM card FOR UPDATE")
        began = time.monotonic()
        paying = asyncio.create_task(campus.post(campus.tap(till, holder, 100)))
        while not rollbacks[0]:  # noqa: ASYNC110  the database tells only who waited
            await asyncio.sleep(0.01)
        other.rollback()
        (outcome,) = await paying
        assert time.monotonic() - began > 1
    assert (outcome.word, rollbacks[0] >= 1) == (OutcomeWord.POSTED, True)
    await cabled.check()


async def test_a_deadlock_is_tried_again(cabled: Cabled, monkeypatch: pytest.MonkeyPatch) -> None:
    """1213: the other holds the card and wants the terminal, with more to lose than the set."""
    campus = cabled.campus
    till, holder = await campus.terminal(), await campus.holder()
    for _ in range(20):
        await campus.holder()
    rollbacks = _count_rollbacks(campus, monkeypatch)
    with closing(_connect(cabled)) as other, other.cursor() as cursor:
        cursor.execute("UPDATE card SET offline_limit_fen=offline_limit_fen+1")
        paying = asyncio.create_task(campus.post(campus.tap(till, holder, 100)))
        await asyncio.sleep(0.2)  # it has the terminal and waits for the card
        await asyncio.to_thread(cursor.execute, "SELECT id FROM terminal FOR UPDATE")
        await asyncio.sleep(0.05)
        other.rollback()
        (outcome,) = await paying
    assert (outcome.word, rollbacks[0] >= 1) == (OutcomeWord.POSTED, True)
    await cabled.check()


@pytest.mark.parametrize("number", [1213, 1205, 1020])
async def test_whatever_asks_for_another_try_gets_it(
    cabled: Cabled, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    campus = cabled.campus
    till, holder = await campus.terminal(), await campus.holder()
    rollbacks = _count_rollbacks(campus, monkeypatch)
    with closing(_connect(cabled)) as other, other.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER asks BEFORE INSERT ON posting FOR EACH ROW"
            f" SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO={number}"
        )
        paying = asyncio.create_task(campus.post(campus.tap(till, holder, 100)))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(cursor.execute, "DROP TRIGGER asks")
        (outcome,) = await paying
    assert (outcome.word, rollbacks[0] >= 1) == (OutcomeWord.POSTED, True)
    assert await campus.balance(holder) == 9900
    await cabled.check()
