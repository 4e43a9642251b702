"""`python3 benchmarks/lunch_rush.py [--json]`: how fast lunch can be paid, as ratios of one run.

A private MariaDB that commits durably, the real server with 2 workers, 200 requests in flight,
all at one hot merchant, over HTTP with terminal authentication. Beside it, in turns: the server's
own rate without a database, the same payment done the usual ORM way (one transaction each), and a
bulk insert of the same rows. Then the same on SQLite with its one worker.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.tables.database import DatabaseUrl
from backend.tables.store import make_store
from backend.usecases.ledger.verify_ledger import LedgerReport, verify_ledger
from benchmarks.bulk import BulkInsert
from benchmarks.campus import BenchCampus, make_campus
from benchmarks.figures import CpuClock, load_average, ratio_of, tell
from benchmarks.load import LoadResult, payment_requests, run_load
from benchmarks.serving import HTTP_ONLY, MARIADB, SERVER, USUAL_ORM, Setting, serving
from simulators.databases import PrivateMariaDB, PrivateRedis

IN_FLIGHT = 200
PAYMENTS = 20_000
"""Payments of one round of the server; each uses a card of its own."""
ORM_PAYMENTS = 2_000
WARM_UP = 2_000
ROUNDS = 3
AHEAD_SECONDS = 12
"""Codes are made for the step then: right from 15 s before it until 30 s after it, so while they
are made and for half a minute of load after that."""


@dataclass(slots=True)
class Rates:
    """Per second, a value a round, and the latencies of the server's rounds in milliseconds."""

    http_only: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    orm: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    not_approved: int = 0


class Rush:
    """Runs loads against one campus; cards and sequences are used once."""

    def __init__(self, campus: BenchCampus, setting: Setting) -> None:
        self._campus = campus
        self._setting = setting
        self._card, self._sequence = 0, 1
        self.paid = 0

    def run(self, module: Sequence[str], payments: int) -> LoadResult:
        """Warm a server up, then load it."""
        began = time.monotonic()
        with serving(module, self._setting) as port:
            self._load(port, min(WARM_UP, payments))
            result = self._load(port, payments)
        took = time.monotonic() - began
        sys.stderr.write(f"{module[-1]:24} {result.per_second:8,.0f} /s ({took:.0f} s)\n")
        if module is SERVER:
            self.paid += payments + min(WARM_UP, payments)
        return result

    def _load(self, port: int, payments: int) -> LoadResult:
        at = int(time.time()) + AHEAD_SECONDS
        requests = payment_requests(
            self._campus,
            first_card=self._card,
            per_till=payments // IN_FLIGHT,
            first_sequence=self._sequence,
            at=at,
        )
        self._card += payments
        self._sequence += payments // IN_FLIGHT
        return run_load(port, requests)


def run_rounds(rush: Rush, payments: int) -> Rates:
    """The three ways in turns, so that a noisy minute falls on all of them."""
    rates = Rates()
    for _ in range(ROUNDS):
        rates.http_only.append(rush.run(HTTP_ONLY, payments).per_second)
        ours = rush.run(SERVER, payments)
        rates.ours.append(ours.per_second)
        rates.p50_ms.append(ours.percentile_ms(0.5))
        rates.p99_ms.append(ours.percentile_ms(0.99))
        orm = rush.run(USUAL_ORM, ORM_PAYMENTS)
        rates.orm.append(orm.per_second)
        bodies = (*ours.bodies, *orm.bodies)
        rates.not_approved += sum(b'"approved"' not in body for body in bodies)
    return rates


async def verify(url: DatabaseUrl) -> LedgerReport:
    """Re-add the books after the rush."""
    store = make_store(url)
    try:
        await store.open()
        return await verify_ledger(store)
    finally:
        await store.close()


def measure(setting: Setting, folder: Path, scale: float) -> dict[str, object]:
    """All figures of one engine."""
    payments = int(PAYMENTS * scale) // IN_FLIGHT * IN_FLIGHT
    cards = ROUNDS * (2 * payments + ORM_PAYMENTS + 3 * WARM_UP)
    url = DatabaseUrl.parse(setting.database)
    campus = asyncio.run(make_campus(url, folder, cards=cards, tills=IN_FLIGHT, now=time.time()))
    rush = Rush(campus, setting)
    rates = run_rounds(rush, payments)
    report = asyncio.run(verify(url))
    bulk = [asyncio.run(BulkInsert(url, CpuClock(None)).insert(payments)) for _ in range(ROUNDS)]
    # the usual ORM way writes no chain: its rows stand behind no link, everything else must agree
    findings = [one for one in report.findings if "behind the last link" not in one]
    return {
        "engine": url.engine,
        "workers": setting.workers,
        "load_average": load_average(),
        "payments_per_second": round(statistics.median(rates.ours)),
        "p50_ms": round(statistics.median(rates.p50_ms), 1),
        "p99_ms": round(statistics.median(rates.p99_ms), 1),
        "orm_per_second": round(statistics.median(rates.orm)),
        "http_only_per_second": round(statistics.median(rates.http_only)),
        "bulk_insert_per_second": round(statistics.median(bulk)),
        "ratio_to_orm": ratio_of(rates.ours, rates.orm),
        "ratio_to_http_only": ratio_of(rates.ours, rates.http_only),
        "ratio_to_bulk_insert": ratio_of(rates.ours, bulk),
        "not_approved": rates.not_approved,
        "residual_fen": report.residual_fen,
        "findings": findings,
    }


def main() -> int:
    """Run on both engines and print the figures; 1 when the books do not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object for each engine")
    parser.add_argument("--engine", choices=("mysql", "sqlite"), help="only this one")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual payments")
    asked = parser.parse_args()
    is_right = True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xm-rush-")))
        settings = []
        if asked.engine != "sqlite":
            mariadb = stack.enter_context(PrivateMariaDB(options=MARIADB))
            redis = stack.enter_context(PrivateRedis())
            database = mariadb.fresh_database("rush")
            settings.append(Setting(database, folder / "m/server.keys", 2, redis.url))
        if asked.engine != "mysql":
            database = f"sqlite://{folder}/s.sqlite3"
            settings.append(Setting(database, folder / "s/server.keys", 1, ""))
        for setting in settings:
            setting.key_file.parent.mkdir()
            figures = measure(setting, setting.key_file.parent, asked.scale)
            tell(figures, as_json=asked.json)
            wrong = figures["residual_fen"] or figures["findings"] or figures["not_approved"]
            is_right = is_right and not wrong
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
