"""`python3 benchmarks/lunch_rush.py [--json]`: how fast lunch can be paid, as ratios of one run.

A private MariaDB that commits durably, the real server with 2 workers, 200 requests in flight,
all at one hot merchant, over HTTP with terminal authentication. Beside it, in the same run: the
same payment done the usual ORM way, the server's own rate without a database, and a bulk insert
of the same rows. Then the same on SQLite with its one worker.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import orjson

from backend.tables.database import DatabaseUrl
from backend.tables.ledger import COVERED, Ledger
from backend.tables.store import make_store
from backend.usecases.ledger.verify_ledger import verify_ledger
from benchmarks.campus import BenchCampus, make_campus
from benchmarks.load import LoadResult, payment_requests, run_load
from simulators.databases import PrivateMariaDB, PrivateRedis, free_port

IN_FLIGHT = 200
PAYMENTS = 40_000
ORM_PAYMENTS = 2_000
WARM_UP = 2_000
BULK_ROWS = 500
START_SECONDS_MAX = 30.0
MARIADB = ("--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=512M")


@dataclass(frozen=True, slots=True)
class Rush:
    """One engine's figures."""

    engine: str
    workers: int
    payments_per_second: float
    p50_ms: float
    p99_ms: float
    orm_per_second: float
    http_only_per_second: float
    bulk_insert_per_second: float
    ratio_to_orm: float
    ratio_to_http_only: float
    ratio_to_bulk_insert: float
    declined: int
    residual_fen: int
    findings: int


@contextmanager
def serving(
    module: list[str], campus: BenchCampus, database: str, workers: int, redis: str
) -> Iterator[int]:
    """The server, or a variant of it, until the block ends; yields its port."""
    port = free_port()
    environment = {
        **os.environ,
        "XIAOMA_DATABASE": database,
        "XIAOMA_KEY_FILE": str(campus.key_file),
        "XIAOMA_PORT": str(port),
        "XIAOMA_WORKERS": str(workers),
        "XIAOMA_REDIS": redis,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        env=environment,
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until_up(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    import urllib.request

    give_up_at = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            message = f"the server ended with status {process.returncode}"
            raise RuntimeError(message)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/open/health", timeout=1):
                time.sleep(1.0)  # every worker of the row is up by then
                return
        except OSError:
            time.sleep(0.1)
    message = "the server did not come up"
    raise RuntimeError(message)


class Rusher:
    """Runs the phases of one engine; cards and sequences are used once."""

    def __init__(self, campus: BenchCampus, database: str, workers: int, redis: str) -> None:
        self._campus, self._database, self._workers, self._redis = campus, database, workers, redis
        self._card, self._sequence = 0, 1

    def run(self, module: list[str], payments: int) -> LoadResult:
        """Warm a server up, then load it; every answer must be an approval."""
        with serving(module, self._campus, self._database, self._workers, self._redis) as port:
            self._load(port, WARM_UP if payments > WARM_UP else IN_FLIGHT)
            return self._load(port, payments)

    def _load(self, port: int, payments: int) -> LoadResult:
        per_till = payments // IN_FLIGHT
        # codes of a step that begins 15 s from now are right from now until 60 s from now
        at = (int(time.time()) // 15 + 2) * 15
        requests = payment_requests(
            self._campus,
            first_card=self._card % (len(self._campus.cards) - payments + 1),
            per_till=per_till,
            first_sequence=self._sequence,
            at=at,
        )
        self._card += payments
        self._sequence += per_till
        time.sleep(max(0.0, at - 14 - time.time()))
        return run_load(port, requests)


def bulk_insert(campus: BenchCampus) -> float:
    """Rows per second of the very rows the rush wrote, by plain multi-row INSERTs, 500 a commit."""
    return asyncio.run(_bulk_insert(campus.url))


async def _bulk_insert(url: DatabaseUrl) -> float:
    store = make_store(url)
    await store.open()
    try:
        columns = COVERED["payment"]
        texts = {}
        for table, columns in COVERED.items():
            if table not in ("payment", "posting"):
                continue
            wanted = "kind='payment'" if table == "posting" else "id>0"
            (rows,) = await store.read(
                [f"SELECT {columns} FROM {table} WHERE {wanted} ORDER BY id"]
            )
            from backend.tables import sql

            texts[table] = [
                sql.row([int(v) if isinstance(v, bool) else v for v in row]) for row in rows
            ]
            create = f"CREATE TABLE bulk_{table} AS SELECT * FROM {table} WHERE 1=0"
            await store.transact([], lambda _rows, create=create: [create])
        await store.transact(
            [],
            lambda _rows: [
                "CREATE UNIQUE INDEX bulk_a ON bulk_payment (id)",
                "CREATE UNIQUE INDEX bulk_b ON bulk_payment (terminal_id, sequence)",
                "CREATE UNIQUE INDEX bulk_c ON bulk_payment (code_key)",
                "CREATE INDEX bulk_d ON bulk_payment (holder_id)",
                "CREATE UNIQUE INDEX bulk_e ON bulk_posting (id)",
            ],
        )
        payments = len(texts["payment"])
        began = time.perf_counter()
        for start in range(0, payments, BULK_ROWS):
            statements = [
                f"INSERT INTO bulk_{table} ({COVERED[table]}) VALUES "
                + ",".join(rows[start : start + BULK_ROWS])
                for table, rows in texts.items()
                if rows[start : start + BULK_ROWS]
            ]
            await store.transact([], lambda _rows, statements=statements: statements)
        return payments / (time.perf_counter() - began)
    finally:
        await store.close()


async def _verify(url: DatabaseUrl) -> tuple[int, list[str]]:
    ledger = Ledger(make_store(url), time.time, "benchmark")
    await ledger.open()
    try:
        report = await verify_ledger(ledger)
        return report.residual_fen, report.findings
    finally:
        await ledger.close()


def rush(database: str, workers: int, redis: str, folder: Path, scale: float) -> Rush:
    """All phases on one database."""
    payments = int(PAYMENTS * scale) // IN_FLIGHT * IN_FLIGHT
    cards = 3 * payments + 4 * WARM_UP
    url = DatabaseUrl.parse(database)
    campus = asyncio.run(make_campus(url, folder, cards=cards, tills=IN_FLIGHT, now=time.time()))
    rusher = Rusher(campus, database, workers, redis)
    http_only = rusher.run(["benchmarks.variants", "http_only"], payments)
    ours = rusher.run(["backend.server"], payments)
    residual_fen, findings = asyncio.run(_verify(url))
    bulk = bulk_insert(campus)
    orm = rusher.run(["benchmarks.variants", "orm"], ORM_PAYMENTS)
    for finding in findings[:5]:
        sys.stderr.write(f"finding: {finding}\n")
    declined = sum(b'"approved"' not in body for body in (*ours.bodies, *orm.bodies))
    return Rush(
        engine=url.engine,
        workers=workers,
        payments_per_second=round(ours.per_second),
        p50_ms=round(ours.percentile_ms(0.5), 1),
        p99_ms=round(ours.percentile_ms(0.99), 1),
        orm_per_second=round(orm.per_second),
        http_only_per_second=round(http_only.per_second),
        bulk_insert_per_second=round(bulk),
        ratio_to_orm=round(ours.per_second / orm.per_second, 2),
        ratio_to_http_only=round(ours.per_second / http_only.per_second, 3),
        ratio_to_bulk_insert=round(ours.per_second / bulk, 3),
        declined=declined,
        residual_fen=residual_fen,
        findings=len(findings),
    )


def main() -> int:
    """Run on both engines and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--engine", choices=("mysql", "sqlite"), help="only this one")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual payments")
    asked = parser.parse_args()
    results = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xm-rush-")))
        if asked.engine != "sqlite":
            mariadb = stack.enter_context(PrivateMariaDB(options=MARIADB))
            redis = stack.enter_context(PrivateRedis())
            (folder / "m").mkdir()
            database = mariadb.fresh_database("rush")
            results.append(rush(database, 2, redis.url, folder / "m", asked.scale))
        if asked.engine != "mysql":
            (folder / "s").mkdir()
            database = f"sqlite://{folder}/s/rush.sqlite3"
            results.append(rush(database, 1, "", folder / "s", asked.scale))
    for result in results:
        figures = asdict(result)
        if asked.json:
            print(orjson.dumps(figures).decode())
        else:
            print("\n".join(f"{name:24} {value}" for name, value in figures.items()), "\n")
    return 0 if all(not one.residual_fen and not one.declined for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
