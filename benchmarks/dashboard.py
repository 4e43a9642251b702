"""`python3 benchmarks/dashboard.py [--json] [--payments N]`: a look at what happens now.

A year of a school with 120 windows and a million payments; the dashboard's look is made again and
again through the real board, on SQLite and on MariaDB. Beside it in the same rounds what a look
cannot be quicker than here: the same number of statements that find one row each. Aim: every look
within 300 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.domain.times import utc
from backend.gateways.bus import LocalBus
from backend.migrate import migrate
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.merchant import MerchantRow
from backend.tables.payment import PaymentRow
from backend.tables.pulse import PulseRow
from backend.tables.terminal import TerminalRow
from backend.usecases.live_board import LiveBoard
from backend.usecases.rules.publish_rules import publish_rules
from backend.usecases.rules_board import RulesBoard
from benchmarks.figures import Spread, load_average, ratio_of, tell
from simulators.databases import PrivateMariaDB

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "simulators" / "campus_rules.json"
PAYMENTS = 1_000_000
WINDOWS = 120
CANTEEN_WINDOWS = 12
DAYS = 365
MEALS = ((7 * 60, 90), (11 * 60 + 15, 105), (17 * 60, 105))
"""Minute of the day at which a meal begins, and how many minutes it lasts."""
NOON = 1_800_000_000 - 1_800_000_000 % 86_400 + 4 * 3600 + 300
"""A day's 12:05 in Shanghai, Unix seconds."""
ROUNDS = 25
AIM_MS = 300
STATEMENTS = 20
REASONS = ("insufficient_funds", "expired", "too_soon", "day_limit", "unreadable", "frozen")
KEEP_DAYS = 60


@dataclass
class Clock:
    """Time that goes on when a round begins."""

    now: float = NOON

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now


@dataclass(frozen=True)
class Taken:
    """What was filled in."""

    payments: int
    pulses: int


async def fill(payments: int) -> Taken:
    """Payments by day, meal and window; their minutes and totals as the roll-up counts them."""
    at = utc(NOON)
    await MerchantRow.bulk_create([MerchantRow(id=n, name=f"窗口{n}") for n in _windows()])
    await TerminalRow.bulk_create([_terminal(n, at) for n in _windows()])
    connection = MerchantRow._meta.db  # noqa: SLF001 - finished statements of its own
    is_sqlite = connection.capabilities.dialect == "sqlite"
    for statement in _statements(payments, is_sqlite=is_sqlite):
        await connection.execute_query(statement)
    return Taken(await PaymentRow.all().count(), await PulseRow.all().count())


def _windows() -> range:
    return range(1, WINDOWS + 1)


def _terminal(n: int, at: datetime) -> TerminalRow:
    return TerminalRow(
        id=n, name=f"{n} 号机", merchant_id=n, group_id="buffet", signing_key=f"{n:064}",
        sealing_key="0" * 64, enrolled_at=at, seen_at=at, readiness={"score": 100},
    )  # fmt: skip


def _statements(payments: int, *, is_sqlite: bool) -> list[str]:
    """SQL that makes the year: the n-th of a day is spread over its meals and windows."""
    a_day = max(1, payments // DAYS)
    numbers = (
        f"(WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM c WHERE i<{a_day * DAYS - 1})"
        " SELECT i FROM c) c"
        if is_sqlite
        else f"(SELECT seq AS i FROM seq_0_to_{a_day * DAYS - 1}) c"
    )
    divided = "/" if is_sqlite else " DIV "
    n, day = f"(i%{a_day})", f"(i{divided}{a_day})"
    begins_at = NOON - NOON % 86_400 - 8 * 3600 - (DAYS - 1) * 86_400
    meal = f"({n}*{len(MEALS)}{divided}{a_day})"
    begins = " ".join(f"WHEN {k} THEN {one[0] * 60}" for k, one in enumerate(MEALS))
    lasts = " ".join(f"WHEN {k} THEN {one[1] * 60}" for k, one in enumerate(MEALS))
    at = f"({begins_at}+{day}*86400+CASE {meal} {begins} END+({n}*97)%(CASE {meal} {lasts} END))"
    window, payer = f"(1+i%{WINDOWS})", "(1+i%30000)"
    days = f"(1+{day})"  # a number in the place of a date: only whether it is the same counts
    today = f"CASE WHEN {day}={DAYS - 1} THEN {_day_on(NOON)} ELSE {days} END"
    reasons = " UNION ALL ".join(f"SELECT '{one}' AS reason" for one in REASONS)
    kept_at = NOON - KEEP_DAYS * 86_400
    return [
        (
            "INSERT INTO payment (id,terminal_id,sequence,merchant_id,card_id,holder_id,code_key,"
            "credential,class_id,period_id,business_on,nominal_fen,discount_fen,fee_fen,charged_fen,"
            "borne_fen,was_offline,outcome,reason,occurred_at,posted_at)"
            f" SELECT (i+1)*8,{window},i+1,{window},{payer},{payer},i+1,'code',1,'lunch',{today},"
            f"1200,0,0,1200,0,CASE WHEN i%20=0 THEN 1 ELSE 0 END,'posted','',{at},{at}"
            f" FROM {numbers}"
        ),
        (
            "INSERT INTO pulse (minute_at,terminal_id,payments,offline_payments,charged_fen)"
            " SELECT occurred_at-occurred_at%60,terminal_id,COUNT(*),SUM(was_offline),"
            "SUM(charged_fen)"
            f" FROM payment WHERE occurred_at>={kept_at} GROUP BY occurred_at-occurred_at%60,"
            "terminal_id"
        ),
        (
            "INSERT INTO period_total (merchant_id,business_on,period_id,payments,offline_payments,"
            "nominal_fen,discount_fen,fee_fen,charged_fen,payable_fen,corrected_fen)"
            " SELECT merchant_id,business_on,'lunch',COUNT(*),SUM(was_offline),SUM(nominal_fen),"
            "0,0,SUM(charged_fen),SUM(charged_fen),0 FROM payment GROUP BY merchant_id,business_on"
        ),
        (
            "INSERT INTO refusal_count (terminal_id,business_on,reason,count)"
            f" SELECT merchant_id,business_on,reason,3 FROM period_total,({reasons}) r"
        ),
    ]


def _day_on(at: int) -> int:
    return int(time.strftime("%Y%m%d", time.gmtime(at + 8 * 3600)))


async def one_row_each() -> None:
    """As many statements as a look makes, each of which finds one row by its key."""
    for n in range(1, STATEMENTS + 1):
        await TerminalRow.get(id=n)


async def measure(url: str, payments: int) -> dict[str, Any]:
    """One database: looks by a new board, which knows nothing yet, and by one that is at work."""
    await open_tables(DatabaseUrl.parse(url))
    try:
        rules = RulesBoard()
        await publish_rules(
            RULES.read_bytes(), published_by="benchmark", at=NOON, bus=LocalBus("demo")
        )
        await rules.refresh()
        began = time.perf_counter()
        taken = await fill(payments)
        filled = time.perf_counter() - began
        clock = Clock()
        board = LiveBoard(clock, rules)
        first: list[float] = []
        later: list[float] = []
        part: list[float] = []
        floor: list[float] = []
        canteen = frozenset(range(1, CANTEEN_WINDOWS + 1))
        for _ in range(ROUNDS):
            clock.now += 5
            for kept, one, whose in (
                (first, LiveBoard(clock, rules), None),
                (later, board, None),
                (part, board, canteen),
            ):
                began = time.perf_counter()
                await one.look(whose)
                kept.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            await one_row_each()
            floor.append((time.perf_counter() - began) * 1000)
    finally:
        await close_tables()
    return {
        "payments": taken.payments,
        "minutes_kept": taken.pulses,
        "filled_seconds": round(filled),
        "a look, ms": Spread.of(later).told(1),
        "a look at one canteen, ms": Spread.of(part).told(1),
        "the first look of a process, ms": Spread.of(first).told(1),
        "twenty_statements_ms": Spread.of(floor).told(1),
        "look_to_twenty_statements": ratio_of(later, floor),
        "within the aim": sum(one <= AIM_MS for one in (*first, *later, *part)),
        "of": len(first) + len(later) + len(part),
    }


async def run(payments: int) -> dict[str, Any]:
    """Both databases, one after the other."""
    figures: dict[str, Any] = {"load": load_average()}
    with tempfile.TemporaryDirectory() as folder, PrivateMariaDB() as mariadb:
        for name, url in (
            ("sqlite", f"sqlite://{folder}/dashboard.sqlite3"),
            ("mariadb", mariadb.fresh_database("dashboard")),
        ):
            await migrate(DatabaseUrl.parse(url))
            figures[name] = await measure(url, payments)
    return figures


def main() -> None:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--payments", type=int, default=PAYMENTS, help=f"payments ({PAYMENTS})")
    parser.add_argument("--scale", type=float, default=1.0, help="share of these payments")
    chosen = parser.parse_args()
    tell(asyncio.run(run(int(chosen.payments * chosen.scale))), as_json=chosen.json)


if __name__ == "__main__":
    main()
