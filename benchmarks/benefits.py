"""`python3 benchmarks/benefits.py [--json] [--engine …] [--people N]`: a batch of benefits.

A file of 20,000 lines is read and looked at (the dry run), put down, and given out by the worker's
job in sets, through the ledger. Beside it in the same run the plain way: one credit a person, each
its own transaction. Told are people a second of both, and what the batch is to the plain way.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, TypeVar

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.domain.access import Actor, Audience, Role
from backend.domain.accounts import SchoolAccount
from backend.domain.benefit import read_benefits
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.ledger import Ledger
from backend.tables.store import make_store
from backend.usecases.benefits.ask_batch import BatchAsked, ask_batch
from backend.usecases.benefits.decide_batch import BatchDecision, decide_batch
from backend.usecases.benefits.look_at_batch import look_at_batch
from backend.usecases.benefits.post_batches import post_batches
from backend.usecases.ledger.credit_purse import credit_purse
from benchmarks.campus import make_campus
from benchmarks.figures import load_average, tell
from simulators.databases import PrivateMariaDB

PEOPLE = 20_000
ONE_BY_ONE = 400
AMOUNT_FEN = 300_00
DISK_FOLDER = "/var/tmp"  # noqa: S108 - a disk where /tmp may be memory
ASKER = Actor(Audience.STAFF, 1, "finance", role=Role.FINANCE)
APPROVER = Actor(Audience.STAFF, 2, "admin", role=Role.ADMIN)
T = TypeVar("T")


async def timed(work: Awaitable[T]) -> tuple[T, float]:
    """What came of it, and the seconds it took."""
    began = time.perf_counter()
    made = await work
    return made, time.perf_counter() - began


async def measure(url: DatabaseUrl, people: int, folder: Path) -> dict[str, Any]:
    """One batch for everybody, and a few hundred credits one by one, before and after."""
    await make_campus(url, folder, cards=people, tills=1, now=time.time())
    ledger = Ledger(make_store(url), time.time, "benchmark")
    await open_tables(url)
    await ledger.open()
    try:
        holders = await CardholderRow.all().order_by("id").limit(people)
        text = "number,amount\n" + "".join(f"{one.number},{AMOUNT_FEN // 100}\n" for one in holders)
        loads = [load_average()]
        before = await one_by_one(ledger, [one.id for one in holders[:ONE_BY_ONE]])
        plan, looked = await timed(look_at_batch(read_benefits(text.encode())))
        asked = BatchAsked("benchmark-batch", "困难补助", "学期补助")
        at = int(time.time())
        row, put_down = await timed(ask_batch(asked, plan, actor=ASKER, at=at))
        await decide_batch(row.id, BatchDecision.APPROVED, actor=APPROVER, at=at)
        began = time.perf_counter()
        given = 0
        while part := await post_batches(ledger, time.time):
            given += part
        posted = time.perf_counter() - began
        after = await one_by_one(ledger, [one.id for one in holders[-ONE_BY_ONE:]])
        loads.append(load_average())
    finally:
        await ledger.close()
        await close_tables()
    if given != people:
        raise SystemExit(f"{given} of {people} were given something")
    plain = (before + after) / 2
    return {
        "engine": url.engine,
        "people": people,
        "looked_at_seconds": round(looked, 2),
        "put_down_seconds": round(put_down, 2),
        "given_out_seconds": round(posted, 2),
        "people_a_second": round(people / posted),
        "one_by_one_a_second": round(plain),
        "ratio_to_one_by_one": round(people / posted / plain, 1),
        "load_average": loads,
    }


async def one_by_one(ledger: Ledger, holder_ids: list[int]) -> float:
    """People a second when each credit is a set of its own."""
    began = time.perf_counter()
    for holder_id in holder_ids:
        paid = [(holder_id, AMOUNT_FEN)]
        await credit_purse(ledger, "benefit", SchoolAccount.BENEFIT_SOURCE, paid)
    return len(holder_ids) / (time.perf_counter() - began)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--engine", choices=("mysql", "sqlite"), default="mysql")
    parser.add_argument("--people", type=int, default=PEOPLE)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xm-benefits-", dir=DISK_FOLDER) as name:
        folder = Path(name)
        if chosen.engine == "sqlite":
            url = DatabaseUrl.parse(f"sqlite://{name}/school.sqlite3")
            figures = asyncio.run(measure(url, chosen.people, folder))
        else:
            with PrivateMariaDB() as mariadb:
                url = DatabaseUrl.parse(mariadb.fresh_database("benefits"))
                figures = asyncio.run(measure(url, chosen.people, folder))
    tell(figures, as_json=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
