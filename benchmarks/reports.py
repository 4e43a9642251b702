"""`python3 benchmarks/reports.py [--engine sqlite] [--scale 0.1] [--json]`: a year of reports.

A school year of 1,000,000 payments is posted through the ledger itself, in large sets whose rows,
purses and hash chain are true: 200 business days, 50 windows, 4 periods, 5 classes and 40
departments. The worker's roll-up adds it up. Then each report is made for the whole year, and each
list behind it is read at its first page and deep inside, the way the routes do it.

Each is divided by a plain count of the same payments, taken in turns: `SELECT COUNT(*), SUM(…)`
over the year. What is wanted: less than a second.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from itertools import count
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.domain.accounts import SCHOOL_BOOK, merchant_account, purse_account
from backend.domain.payment import Amounts, Posting, code_key
from backend.domain.place import PlaceKind
from backend.domain.report import ReportKind, Span
from backend.domain.report_columns import BY_MERCHANT
from backend.domain.set_state import Entry, HolderState, PaymentFact, SetWrites
from backend.tables import sql
from backend.tables.accounts import ROWS_PER_STATEMENT, open_payable
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.tables.payment import PaymentRow
from backend.tables.payment_lists import PaymentFilter, read_payments, read_postings
from backend.tables.place import PlaceRow
from backend.tables.shift import ShiftRow
from backend.tables.shifts import ShiftFilter, read_shifts, sums_of
from backend.tables.store import Rows, make_store
from backend.usecases.reports.make_report import ReportAsked, make_report
from backend.usecases.settlements.roll_up import roll_up
from benchmarks.campus import PURSE_FEN, BenchCampus, make_campus
from benchmarks.figures import Spread, load_average, tell
from campus_code import CredentialKind, Tally
from campus_code.days import day_number
from simulators.databases import PrivateMariaDB

PAYMENTS = 1_000_000
PAYMENTS_MIN = 2_000
CARDS = 10_000
TILLS = 50
DAYS = 200
FILL_ROWS = 4_000
FILL_FEN = 10
ROUNDS = 5
PAGE_ROWS = 51
CLASSES = 5
DEPARTMENTS = 40
PERIODS = ("breakfast", "lunch", "dinner", "supper")
FIRST_DAY = date(2026, 2, 20)
NOON = hour(4)
"""Noon in Beijing, in UTC."""
MILLISECONDS = 1_000
CASHIERS = 60
SHIFT_SECONDS = 3 * 3600
NEWEST = (1 << 63) - 1
MARIADB = (
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-buffer-pool-size=1536M",
    "--innodb-log-file-size=512M",
)
DISK_FOLDER = "/var/tmp"  # noqa: S108 - a disk where /tmp may be memory
Read = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Year:
    """A school's year: what is filled, and the clock by which the ledger posts."""

    campus: BenchCampus
    size: int
    now: float = 0.0

    def clock(self) -> float:
        """When the set that is being posted is posted."""
        return self.now

    def day(self, number: int) -> date:
        """The day of the n-th payment; days are filled one after the other."""
        return FIRST_DAY + timedelta(days=number * DAYS // self.size)

    @property
    def span(self) -> Span:
        """From the first day to the last."""
        return Span(day_number(FIRST_DAY), day_number(self.day(self.size - 1)))

    async def fill(self, ledger: Ledger) -> None:
        """Post it in sets that end where a day ends."""
        sequences: dict[int, Iterator[int]] = {
            till.terminal_id: count(1) for till in self.campus.tills
        }
        for first, last in self._sets():
            self.now = self._at(first)
            await ledger.post([], self._filler(range(first, last), sequences))

    def _sets(self) -> Iterator[tuple[int, int]]:
        first = 0
        while first < self.size:
            last = min(first + FILL_ROWS, self.size)
            while self.day(last - 1) != self.day(first):
                last -= 1
            yield first, last
            first = last

    def _at(self, number: int) -> float:
        noon = datetime.combine(self.day(number), NOON, UTC).timestamp()
        return noon + number // CARDS * 15

    def _filler(self, numbers: range, sequences: dict[int, Iterator[int]]) -> Any:  # noqa: ANN401
        def decide(_rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, None]:
            writes = SetWrites()
            for number in numbers:
                payment = self._payment(number, next(ids), sequences)
                source = purse_account(payment.holder_id, "cash")
                leg = Posting(source, merchant_account(payment.merchant_id), FILL_FEN)
                writes.payments.append(payment)
                writes.entries.append(Entry(payment.id, "payment", (leg,)))
            for card in dict.fromkeys(number % CARDS for number in numbers):
                holder = HolderState(card + 1, Tally(), 0, {}, {"cash": 0})
                paid = len(range(card, numbers.stop, CARDS))
                holder.balances["cash"] = PURSE_FEN - paid * FILL_FEN
                holder.moved.add("cash")
                writes.holders.append(holder)
            return writes, None

        return decide

    def _payment(
        self, number: int, payment_id: int, sequences: dict[int, Iterator[int]]
    ) -> PaymentFact:
        card, place = number % CARDS, number * 7 % TILLS
        till = self.campus.tills[place].terminal_id
        at = int(self._at(number))
        kind = CredentialKind.CODE
        return PaymentFact(
            id=payment_id,
            terminal_id=till,
            sequence=next(sequences[till]),
            merchant_id=place + 1,
            card_id=card + 1,
            holder_id=card + 1,
            code_key=code_key(kind, self.campus.cards[card], 1, at // 15),
            credential=kind.value,
            class_id=card % CLASSES + 1,
            period_id=PERIODS[number % len(PERIODS)],
            business_on=day_number(self.day(number)),
            amounts=Amounts(FILL_FEN, 0, 0, FILL_FEN),
            borne_fen=0,
            was_offline=number % 20 == 0,
            outcome="posted",
            reason="",
            occurred_at=at,
            posted_at=at,
        )


async def settle_in(campus: BenchCampus) -> int:
    """Give each till a merchant of its own, each holder a department; half the merchants a campus.

    Returns the campus: its book owes and is owed by the school's own.
    """
    place = await PlaceRow.create(parent_id=0, kind=PlaceKind.CAMPUS.value, name="东校区")
    for number in range(1, TILLS + 1):
        _, is_new = await MerchantRow.get_or_create(id=number, defaults={"name": f"窗口 {number}"})
        if is_new:
            await open_payable(number, place.id if number % 2 else SCHOOL_BOOK)
    for number in range(DEPARTMENTS):
        ids = list(range(number + 1, len(campus.cards) + 1, DEPARTMENTS))
        await CardholderRow.filter(id__in=ids).update(department=f"院系 {number:02}")
    return place.id


async def work_shifts(year: Year) -> int:
    """A shift for each meal of each till: its records in order, as a till tells them afterwards."""
    taps = year.size // TILLS
    length = max(taps // (DAYS * len(PERIODS)), 1)
    made = 0
    for place, till in enumerate(year.campus.tills):
        rows = []
        for number, first in enumerate(range(1, taps, length)):
            day = year.day(min(first * TILLS, year.size - 1))
            began = int(datetime.combine(day, NOON, UTC).timestamp()) + number
            sums = {"payments": length, "charged_fen": length * FILL_FEN}
            rows.append(
                ShiftRow(
                    terminal_id=till.terminal_id,
                    merchant_id=place + 1,
                    opened_at=began,
                    cashier=number % CASHIERS + 1,
                    first_sequence=first,
                    last_sequence=first + length - 1,
                    closed_at=began + SHIFT_SECONDS,
                    is_counted=True,
                    **sums,
                )
            )
        await ShiftRow.bulk_create(rows, batch_size=ROWS_PER_STATEMENT)
        made += len(rows)
    return made


def reads_of(year: Year, campus_id: int) -> dict[str, Read]:
    """Everything that is timed, by name."""
    span, rules = year.span, year.campus.rules
    at = int(year.now) + 1
    made: dict[str, Read] = {}
    for kind in ReportKind:
        asked = ReportAsked(kind, span, None, 30, at)
        made[f"report {kind.value}"] = lambda asked=asked: make_report(asked, rules)  # type: ignore[misc]
        if kind in BY_MERCHANT:
            one = ReportAsked(kind, span, frozenset({7}), 30, at)
            made[f"report {kind.value} of a merchant"] = lambda one=one: make_report(one, rules)  # type: ignore[misc]
    for book, name in ((SCHOOL_BOOK, "the school's own book"), (campus_id, "a campus' book")):
        balance = ReportAsked(ReportKind.TRIAL_BALANCE, span, None, 30, at, book)
        made[f"report trial-balance of {name}"] = lambda one=balance: make_report(one, rules)  # type: ignore[misc]
    deep = (day_number(year.day(year.size // 2)), NEWEST)
    lists = {
        "payments": PaymentFilter(span),
        "payments of a merchant": PaymentFilter(span, merchant_ids=frozenset({7})),
        "payments of a terminal": PaymentFilter(span, terminal_id=year.campus.tills[3].terminal_id),
        "payments of a class and a period": PaymentFilter(span, class_id=2, period_id="dinner"),
        "payments of a department": PaymentFilter(span, department="院系 07"),
    }
    for name, asked_list in lists.items():
        for where, after in (("first page", None), ("deep", deep)):
            made[f"{name}, {where}"] = lambda asked_list=asked_list, after=after: read_payments(  # type: ignore[misc]
                asked_list, after, PAGE_ROWS
            )
    noon = int(datetime.combine(year.day(year.size // 2), NOON, UTC).timestamp())
    shifts = {
        "shifts": ShiftFilter(None),
        "shifts of a merchant": ShiftFilter(frozenset({7})),
        "shifts of a cashier": ShiftFilter(None, cashier=3),
    }
    for name, asked_shifts in shifts.items():
        for where, before in (("first page", None), ("deep", (noon, NEWEST))):
            made[f"{name}, {where}"] = lambda asked_shifts=asked_shifts, before=before: read_shifts(  # type: ignore[misc]
                asked_shifts, before, PAGE_ROWS
            )
    whole = year.size // TILLS
    made["counting a shift of a day"] = lambda: sums_of(
        year.campus.tills[3].terminal_id, whole // 2, whole // 2 + whole // DAYS
    )
    for name, account in (
        ("merchant", (merchant_account(7), None)),
        ("all cash purses", (purse_account(0, "cash"), None)),
        ("all cash purses of a book", (purse_account(0, "cash"), SCHOOL_BOOK)),
        ("one purse", (purse_account(77, "cash"), None)),
    ):
        for where, after in (("first page", None), ("deep", deep)):
            made[f"postings of {name}, {where}"] = lambda account=account, after=after: (
                read_postings(  # type: ignore[misc]
                    account, span, after, PAGE_ROWS
                )
            )
    return made


async def count_plainly(span: Span) -> object:
    """A count and a sum of the year's payments, by the plainest statement."""
    wanted = f"business_on BETWEEN {span.first_on} AND {span.last_on}"
    connection = PaymentRow._meta.db  # noqa: SLF001 - the same connection as the reports'
    return await connection.execute_query_dict(
        sql.select("COUNT(*) AS n,SUM(charged_fen) AS fen", "payment", wanted)
    )


async def timed(read: Read) -> float:
    """Milliseconds of one read."""
    began = time.perf_counter()
    await read()
    return (time.perf_counter() - began) * MILLISECONDS


async def measure(url: DatabaseUrl, size: int, folder: Path) -> dict[str, Any]:
    """Fill a year, add it up, and read it in turns with a plain count."""
    campus = await make_campus(url, folder, cards=CARDS, tills=TILLS, now=time.time())
    year = Year(campus, size)
    ledger = Ledger(make_store(url), year.clock, "benchmark")
    await open_tables(url)
    await ledger.open()
    try:
        campus_id = await settle_in(campus)
        began = time.perf_counter()
        await year.fill(ledger)
        sys.stderr.write(f"{size:,} filled in {time.perf_counter() - began:.1f} s\n")
        began = time.perf_counter()
        rolls = await roll_up()
        rolled = time.perf_counter() - began
        sys.stderr.write(f"added up in {rolled:.1f} s, {rolls} transactions\n")
        shifts = await work_shifts(year)
        loads = [load_average()]
        reads = reads_of(year, campus_id)
        took: dict[str, list[float]] = {name: [] for name in reads}
        plain: list[float] = []
        for _ in range(ROUNDS):
            plain.append(await timed(lambda: count_plainly(year.span)))
            for name, read in reads.items():
                took[name].append(await timed(read))
        loads.append(load_average())
    finally:
        await ledger.close()
        await close_tables()
    figures: dict[str, Any] = {
        "engine": url.engine,
        "payments": size,
        "shifts": shifts,
        "rolled_up_seconds": round(rolled, 1),
        "plain_count_ms": Spread.of(plain).told(1),
        "slowest_ms": round(max(Spread.of(one).median for one in took.values()), 1),
        "load_average": loads,
    }
    for name, milliseconds in took.items():
        ratio = [one / other for one, other in zip(milliseconds, plain, strict=True)]
        figures[name] = {
            "ms": Spread.of(milliseconds).told(1),
            "ratio_to_plain_count": Spread.of(ratio).told(3)["median"],
        }
    return figures


def main() -> int:
    """Measure and print; status 1 when a read takes a second or more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--engine", choices=("mysql", "sqlite"), default="mysql")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual size")
    chosen = parser.parse_args()
    size = max(int(PAYMENTS * chosen.scale), PAYMENTS_MIN)
    with tempfile.TemporaryDirectory(prefix="xm-reports-", dir=DISK_FOLDER) as name:
        folder = Path(name)
        if chosen.engine == "sqlite":
            url = DatabaseUrl.parse(f"sqlite://{name}/year.sqlite3")
            figures = asyncio.run(measure(url, size, folder))
        else:
            with PrivateMariaDB(options=MARIADB) as mariadb:
                url = DatabaseUrl.parse(mariadb.fresh_database("reports"))
                figures = asyncio.run(measure(url, size, folder))
    tell(figures, as_json=chosen.json)
    return 0 if figures["slowest_ms"] < MILLISECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
