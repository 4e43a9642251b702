"""`python3 benchmarks/comeback.py [--json]`: a school's terminals come back all at once.

40 terminals upload 10,000 records, each coming back when the server asks it to as the terminal
program does, while 8 other tills sell online. Aim: all is posted within 60 s, and whoever pays
online notices nothing. `few_records_ms`: how long 30 records of a terminal that was cut off for a
moment take amid them. `online_p99_ratio` is the online payments' p99 meanwhile, by what it was just
before on the same server (2 workers, MariaDB), in turns. How old records are costs nothing;
`tests/faults/test_comeback.py` takes a week of them.

It ends with status 1 when a fen is missing, a record was not posted, or the ledger has a finding.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.tables.database import DatabaseUrl
from benchmarks.campus import PRICE_FEN, BenchCampus, Till, make_campus
from benchmarks.figures import Spread, load_average, ratio_of, tell
from benchmarks.journals import UPLOAD_PATH, Journals, Upload, require_posted, upload_headers
from benchmarks.load import LoadResult, payment_request, run_load
from benchmarks.serving import MARIADB, SERVER, Setting, serving
from benchmarks.upload import audit
from qr_terminals.sync import spread
from simulators.databases import PrivateMariaDB, PrivateRedis

RECORDS = 10_000
TERMINALS = 40
ONLINE_TILLS = 8
ROUNDS = 3
ONLINE_PER_ROUND = 4_000
"""Payments of all online tills in one measurement while nothing else happens."""
WARM_UP = 400
ONLINE_MAX = 40_000
"""More cards than can pay online in a round."""
FEW = 30
"""Records of the terminal that was cut off for a moment; it comes back amid the others."""
FEW_AFTER_SECONDS = 3.0
TOO_MANY = 429
HTTP_SECONDS = 10.0
"""A terminal hangs up after this (`qr_terminals.client.REQUEST_SECONDS`)."""


class Sellers:
    """The tills that sell online, each one payment after the other; no card pays twice."""

    def __init__(self, campus: BenchCampus, tills: tuple[Till, ...], first_card: int) -> None:
        self._campus, self._tills = campus, tills
        self._cards = iter(campus.cards[first_card:])
        self._sequences = count(1)

    def sell(self, port: int, payments: int) -> LoadResult:
        """So many payments, all of which must be approved."""
        at = int(time.time())
        each = payments // len(self._tills)
        sequences = [next(self._sequences) for _ in range(each)]
        requests = [
            [
                payment_request(till, one, self._campus.code(next(self._cards), at), PRICE_FEN)
                for one in sequences
            ]
            for till in self._tills
        ]
        result = run_load(port, requests)
        refused = [body for body in result.bodies if b'"approved"' not in body]
        assert not refused, refused[:3]
        return result

    def sell_until(self, port: int, over: threading.Event) -> LoadResult:
        """Keep selling until the upload is over; everything that came back."""
        whole = LoadResult()
        while not over.is_set():
            part = self.sell(port, len(self._tills) * 10)
            whole.latencies += part.latencies
            whole.seconds += part.seconds
        return whole


@dataclass(slots=True)
class Rounds:
    """What the rounds gave."""

    seconds: list[float] = field(default_factory=list)
    before_ms: list[float] = field(default_factory=list)
    during_ms: list[float] = field(default_factory=list)
    few_ms: list[float] = field(default_factory=list)
    sold: int = 0


@dataclass(slots=True)
class Terminals:
    """The terminals that come back, each on a thread of its own, its sets in order."""

    port: int
    latencies: list[float] = field(default_factory=list)
    sent_away: int = 0

    def upload(self, uploads: Sequence[Upload]) -> float:
        """Upload everything; the seconds until the last answer."""
        by_till: dict[int, list[Upload]] = {}
        for one in uploads:
            by_till.setdefault(one.till.terminal_id, []).append(one)
        began = time.perf_counter()
        with ThreadPoolExecutor(len(by_till)) as threads:
            for done in [threads.submit(self._upload_till, mine) for mine in by_till.values()]:
                done.result()
        return time.perf_counter() - began

    def _upload_till(self, uploads: Sequence[Upload]) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=HTTP_SECONDS)
        with closing(connection):
            for one in uploads:
                while (wait := self._send(connection, one)) is not None:
                    time.sleep(spread(wait, random.random()))

    def _send(self, connection: HTTPConnection, upload: Upload) -> int | None:
        """Send one set; the seconds to wait when it is not this terminal's turn."""
        began = time.perf_counter()
        connection.request("POST", UPLOAD_PATH.decode(), upload.raw, upload_headers(upload))
        reply = connection.getresponse()
        body = reply.read()
        if reply.status == TOO_MANY:
            self.sent_away += 1
            return int(reply.headers["retry-after"])
        self.latencies.append(time.perf_counter() - began)
        require_posted([body], upload.records)
        return None


@dataclass(frozen=True, slots=True)
class Comeback:
    """One round's uploads: of those that were away long, and of one that was cut off shortly."""

    backlog: list[Upload]
    few: list[Upload]


def come_back(port: int, comeback: Comeback, sellers: Sellers, rounds: Rounds) -> None:
    """Upload a round while the others sell."""
    over = threading.Event()
    away, short = Terminals(port), Terminals(port)

    def cut_off_shortly() -> None:
        time.sleep(FEW_AFTER_SECONDS)
        short.upload(comeback.few)

    def upload() -> None:
        try:
            rounds.seconds.append(away.upload(comeback.backlog))
        finally:
            over.set()

    with ThreadPoolExecutor(2) as threads:
        uploading = [threads.submit(upload), threads.submit(cut_off_shortly)]
        beside = sellers.sell_until(port, over)
        for one in uploading:
            one.result()
    rounds.during_ms.append(beside.percentile_ms(0.99))
    rounds.few_ms.append(1_000 * max(short.latencies))
    rounds.sold += len(beside.latencies)


def run_rounds(
    port: int, away: Journals, short: Journals, sellers: Sellers, records: int
) -> Rounds:
    """Sell alone, then beside the upload, in turns."""
    rounds = Rounds(sold=len(sellers.sell(port, WARM_UP).latencies))
    for _ in range(ROUNDS):
        comeback = Comeback(away.next_round(records), short.next_round(FEW))
        alone = sellers.sell(port, ONLINE_PER_ROUND)
        rounds.before_ms.append(alone.percentile_ms(0.99))
        rounds.sold += len(alone.latencies)
        come_back(port, comeback, sellers, rounds)
    return rounds


def measure(setting: Setting, campus: BenchCampus, records: int) -> dict[str, Any]:
    """Every figure."""
    long, gone = ROUNDS * records, ROUNDS * (records + FEW)
    away = replace(campus, tills=campus.tills[:TERMINALS], cards=campus.cards[:long])
    short = replace(campus, tills=campus.tills[-1:], cards=campus.cards[long:gone])
    sellers = Sellers(campus, campus.tills[TERMINALS:-1], gone)
    loads = [load_average()]
    with serving(SERVER, setting) as port:
        rounds = run_rounds(port, Journals(away), Journals(short), sellers, records)
    residual_fen, findings = asyncio.run(audit(campus.url, gone + rounds.sold))
    loads.append(load_average())
    for finding in findings[:5]:
        sys.stderr.write(f"finding: {finding}\n")
    return {
        "records": records,
        "terminals": TERMINALS,
        "upload_seconds": Spread.of(rounds.seconds).told(2),
        "online_p99_ratio": ratio_of(rounds.during_ms, rounds.before_ms),
        "online_p99_before_ms": Spread.of(rounds.before_ms).told(1),
        "online_p99_during_ms": Spread.of(rounds.during_ms).told(1),
        "few_records_ms": Spread.of(rounds.few_ms).told(1),
        "online_payments": rounds.sold,
        "residual_fen": residual_fen,
        "findings": len(findings),
        "load_average": loads,
    }


def main() -> int:
    """Run and print; status 0 when the books are whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual records")
    asked = parser.parse_args()
    records = max(int(RECORDS * asked.scale) // TERMINALS, 1) * TERMINALS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xm-comeback-")))
        mariadb = stack.enter_context(PrivateMariaDB(options=MARIADB))
        redis = stack.enter_context(PrivateRedis())
        database = mariadb.fresh_database("comeback")
        url = DatabaseUrl.parse(database)
        cards = ROUNDS * (records + FEW + ONLINE_MAX) + WARM_UP
        tills = TERMINALS + ONLINE_TILLS + 1
        campus = asyncio.run(make_campus(url, folder, cards=cards, tills=tills, now=time.time()))
        setting = Setting(database, campus.key_file, 2, redis.url)
        figures = measure(setting, campus, records)
    tell(figures, as_json=asked.json)
    return 1 if figures["residual_fen"] or figures["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
