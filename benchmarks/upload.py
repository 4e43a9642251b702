"""`python3 benchmarks/upload.py [--json]`: offline records uploaded, against a bulk INSERT.

A window that was cut off comes back: 10,000 records in signed sets of 500 from 20 terminals, each
set opened, every code verified with both keys, decided and posted. Every card pays once a round
and no round shares a card with another, so no derived secret is ever warm.

Against it, in turns, the rows of that round once more, as finished text, 500 a commit, into copies
of the tables with the same indexes: the payments and postings alone (`bulk_insert`), and with the
purses and tallies an upload writes too (`bulk_write`); and the sets' own SQL alone (`set_sql`).

Twice: in this process, with the time of each stage; and through HTTP to the real server (2 workers
on MariaDB, 1 on SQLite), which is the figure that counts.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)


from backend.domain.credential import Verifier
from backend.domain.payment import Attempt, Outcome, OutcomeWord
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import Decide, Further, Rows, Store, make_store
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.payments.payment_queue import PaymentQueue
from backend.usecases.payments.post_payments import post_payments
from backend.usecases.payments.read_records import read_records
from backend.usecases.upload_pace import UploadPace
from benchmarks.bulk import BulkInsert
from benchmarks.campus import BenchCampus, make_campus
from benchmarks.figures import CpuClock, Spread, load_average, ratio_of, tell
from benchmarks.journals import Journals, Upload, upload_over_http
from benchmarks.serving import MARIADB, SERVER, Setting, serving
from campus_code import (
    Keyring,
    open_record_set,
)
from simulators.databases import PrivateMariaDB, PrivateRedis

RECORDS = 10_000
TILLS = 20
ROUNDS = 3
IN_PROCESS_ROUNDS = 2
WARM_UP = 1_000
MICROSECONDS = 1_000_000
STAGES = ("open", "verify", "decide", "database")


class TimedStore(Store):
    """A store that says how long its database took, and how long the decisions inside it."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self.dialect = inner.dialect
        self.decide_seconds = 0.0
        self.database_seconds = 0.0

    async def open(self) -> None:
        """See `Store.open`."""
        await self._inner.open()

    async def close(self) -> None:
        """See `Store.close`."""
        await self._inner.close()

    async def read(self, reads: Sequence[str]) -> list[Rows]:
        """See `Store.read`."""
        return await self._inner.read(reads)

    async def transact(self, reads: Sequence[str], decide: Decide) -> None:
        """See `Store.transact`."""
        inside = 0.0

        def timed(rows: list[Rows]) -> Sequence[str] | Further:
            nonlocal inside
            began = time.perf_counter()
            writes = decide(rows)
            inside += time.perf_counter() - began
            return writes

        began = time.perf_counter()
        await self._inner.transact(reads, timed)
        self.decide_seconds += inside
        self.database_seconds += time.perf_counter() - began - inside


@dataclass(slots=True)
class InProcess:
    """The upload's own path without HTTP, with a clock at each stage."""

    campus: BenchCampus
    cpu: CpuClock
    verifier: Verifier = field(init=False)

    def __post_init__(self) -> None:
        """Hold the keys as the server does."""
        terminal, issuer = (
            Keyring((key,)) for key in (self.campus.terminal_key, self.campus.issuer_key)
        )
        self.verifier = Verifier(terminal, issuer, self.campus.rules)

    async def post(self, uploads: Sequence[Upload]) -> tuple[float, dict[str, float]]:
        """Post a round; seconds in all, and by stage."""
        store = TimedStore(make_store(self.campus.url))
        ledger = Ledger(store, time.time, "benchmark")
        await ledger.open()
        store.decide_seconds = store.database_seconds = 0.0
        spent = dict.fromkeys(STAGES, 0.0)

        async def post_set(attempts: Sequence[Attempt]) -> list[Outcome]:
            return await post_payments(ledger, self.campus.rules, time.time, attempts)

        payments = PaymentQueue(post_set, UploadPace(time.monotonic))
        self.cpu.restart()
        began = time.perf_counter()
        try:
            for upload in uploads:
                await self._post_one(upload, payments, spent)
            seconds = time.perf_counter() - began
            spent["python_cpu"], spent["database_cpu"] = self.cpu.spent()
        finally:
            await ledger.close()
        spent["decide"], spent["database"] = store.decide_seconds, store.database_seconds
        return seconds, spent

    async def _post_one(
        self, upload: Upload, payments: PaymentQueue, spent: dict[str, float]
    ) -> None:
        opening_at = time.perf_counter()
        records = open_record_set(upload.raw, upload.till.device_key.public_key())
        reading_at = time.perf_counter()
        attempts = await read_records(records, self.verifier)
        posting_at = time.perf_counter()
        spent["open"] += reading_at - opening_at
        spent["verify"] += posting_at - reading_at
        outcomes = await payments.post(attempts)
        words = {outcome.word for outcome in outcomes}
        assert words == {OutcomeWord.POSTED}, words


async def audit(url: DatabaseUrl, payments: int) -> tuple[int, list[str]]:
    """Residual fen and findings; the number of payments must be what was uploaded."""
    ledger = Ledger(make_store(url), time.time, "benchmark")
    await ledger.open()
    try:
        report = await verify_ledger(ledger)
        assert report.payments == payments, f"{report.payments} payments, {payments} uploaded"
        return report.residual_fen, report.findings
    finally:
        await ledger.close()


@dataclass(slots=True)
class Rounds:
    """What the rounds of one engine gave."""

    over_http: list[float] = field(default_factory=list)
    bulk_insert: list[float] = field(default_factory=list)
    bulk_write: list[float] = field(default_factory=list)
    in_process: list[float] = field(default_factory=list)
    beside_in_process: list[float] = field(default_factory=list)
    stages: list[dict[str, float]] = field(default_factory=list)
    cpu_ratios: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Engine:
    """One database and the server beside it; `pid` is the database server's, None for SQLite."""

    url: DatabaseUrl
    database: str
    workers: int
    redis: str
    pid: int | None


def measure(engine: Engine, folder: Path, scale: float) -> dict[str, Any]:
    """Every figure of one engine."""
    records = max(int(RECORDS * scale) // TILLS, 1) * TILLS
    cards = records * (IN_PROCESS_ROUNDS + ROUNDS) + WARM_UP
    campus = asyncio.run(make_campus(engine.url, folder, cards=cards, tills=TILLS, now=time.time()))
    loads = [load_average()]
    rounds = run_rounds(engine, campus, records)
    residual_fen, findings = asyncio.run(audit(engine.url, cards))
    loads.append(load_average())
    for finding in findings[:5]:
        sys.stderr.write(f"finding: {finding}\n")
    return {
        "engine": engine.url.engine,
        "workers": engine.workers,
        "records_per_round": records,
        "ratio_to_bulk_insert": ratio_of(rounds.over_http, rounds.bulk_insert),
        "ratio_to_bulk_write": ratio_of(rounds.over_http, rounds.bulk_write),
        "ratio_to_set_sql": ratio_of(rounds.over_http, [set_sql(rounds, records)] * ROUNDS),
        "records_per_second": Spread.of(rounds.over_http).told(0),
        "bulk_insert_per_second": Spread.of(rounds.bulk_insert).told(0),
        "bulk_write_per_second": Spread.of(rounds.bulk_write).told(0),
        "in_process_ratio_to_bulk_insert": ratio_of(rounds.in_process, rounds.beside_in_process),
        "in_process_records_per_second": Spread.of(rounds.in_process).told(0),
        "cpu_ratio_to_bulk_insert": Spread.of(rounds.cpu_ratios).told(3),
        "microseconds_per_record": {
            stage: Spread.of([MICROSECONDS * one[stage] / records for one in rounds.stages]).told(1)
            for stage in rounds.stages[0]
        },
        "posted": cards,
        "residual_fen": residual_fen,
        "findings": len(findings),
        "load_average": loads,
    }


def set_sql(rounds: Rounds, records: int) -> float:
    """Records per second of nothing but the sets' SQL, reads and locks too, on one connection."""
    return records / min(one["database"] for one in rounds.stages)


def run_rounds(engine: Engine, campus: BenchCampus, records: int) -> Rounds:
    """In process and bulk in turns, then through HTTP and bulk in turns."""
    cpu = CpuClock(engine.pid)
    journals, bulk = Journals(campus), BulkInsert(engine.url, cpu)
    inside, rounds = InProcess(campus, cpu), Rounds()
    for _ in range(IN_PROCESS_ROUNDS):
        seconds, spent = asyncio.run(inside.post(journals.next_round(records)))
        spent["gather"] = seconds - sum(spent[stage] for stage in STAGES)
        rounds.in_process.append(records / seconds)
        rounds.stages.append(spent)
        rounds.beside_in_process.append(asyncio.run(bulk.insert(records)))
        cost = spent["python_cpu"] + spent["database_cpu"]
        rounds.cpu_ratios.append(bulk.cpu_seconds / cost)
    setting = Setting(engine.database, campus.key_file, engine.workers, engine.redis)
    with serving(SERVER, setting) as port:
        upload_over_http(port, journals.next_round(WARM_UP))
        for _ in range(ROUNDS):
            rounds.over_http.append(upload_over_http(port, journals.next_round(records)))
            inserts = asyncio.run(bulk.insert(records))
            upserts = asyncio.run(bulk.upsert_purses(records))
            rounds.bulk_insert.append(inserts)
            rounds.bulk_write.append(1 / (1 / inserts + 1 / upserts))
    return rounds


def main() -> int:
    """Run on both engines and print; status 0 when the books are whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object an engine, a line")
    parser.add_argument("--engine", choices=("mysql", "sqlite"), help="only this one")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual records")
    asked = parser.parse_args()
    results = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xm-upload-")))
        engines = []
        if asked.engine != "sqlite":
            mariadb = stack.enter_context(PrivateMariaDB(options=MARIADB))
            redis = stack.enter_context(PrivateRedis())
            database = mariadb.fresh_database("upload")
            url = DatabaseUrl.parse(database)
            engines.append(Engine(url, database, 2, redis.url, mariadb.pid))
        if asked.engine != "mysql":
            database = f"sqlite://{folder}/upload.sqlite3"
            engines.append(Engine(DatabaseUrl.parse(database), database, 1, "", None))
        for engine in engines:
            own = folder / engine.url.engine
            own.mkdir()
            results.append(measure(engine, own, asked.scale))
    for result in results:
        tell(result, as_json=asked.json)
    return 1 if any(one["residual_fen"] or one["findings"] for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
