"""`python3 benchmarks/growth.py [--json]`: whether a payment costs more as the books grow.

Three databases of one school: 10,000, 100,000 and 1,000,000 payments. They are filled through the
ledger itself, in large sets whose rows, purses and hash chain are true (`--verify` proves it, and
takes some minutes more). Then sets of 200 taps are posted the real way (`post_payments`) to one
database after the other, round by round, so that whatever else the machine does hits all alike.

What is compared is the CPU time of one payment, Python's and the database's, to the smallest
database; wall time stands beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.domain.accounts import merchant_account, purse_account
from backend.domain.payment import Amounts, Attempt, AttemptKind, OutcomeWord, Posting, code_key
from backend.domain.set_state import Entry, HolderState, PaymentFact, SetWrites
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import Rows, make_store
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.payments.post_payments import post_payments
from benchmarks.campus import PURSE_FEN, BenchCampus, make_campus
from benchmarks.figures import CpuClock, Spread, load_average, tell
from campus_code import CredentialKind, Tally
from simulators.databases import PrivateMariaDB

SIZES = (10_000, 100_000, 1_000_000)
CARDS = 10_000
TILLS = 50
SET_TAPS = 200
SETS_PER_ROUND = 2
ROUNDS = 12
WARM_UP_ROUNDS = 2
PAYMENTS_MIN = 1_000
FILL_ROWS = 4_000
FILL_FEN = 10
"""What a filled payment costs: small, so that a hundred of them leave money in the purse."""
BUSINESS_ON = 20_260_101
MICROSECONDS = 1_000_000
Sequences = dict[int, Iterator[int]]
MARIADB = (
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-buffer-pool-size=1536M",
    "--innodb-log-file-size=512M",
)
"""The books fit into memory, as they do on any server a school buys."""
DISK_FOLDER = "/var/tmp"  # noqa: S108 - a disk where /tmp may be memory
QUIET_CPU_SHARE = 0.1
QUIET_SECONDS_MAX = 20.0


@dataclass(slots=True)
class Books:
    """One school's books of a given size, and what tapping there cost."""

    campus: BenchCampus
    ledger: Ledger
    size: int
    begins_at: int
    python_us: list[float] = field(default_factory=list)
    database_us: list[float] = field(default_factory=list)
    wall_us: list[float] = field(default_factory=list)
    _taps: Iterator[int] = field(default_factory=count)

    @property
    def _fills_per_card(self) -> int:
        return -(-self.size // CARDS)

    async def fill(self) -> None:
        """Post `size` payments in large sets; true rows, purses that agree, links that cover."""
        sequences: Sequences = {till.terminal_id: count(1) for till in self.campus.tills}
        for start in range(0, self.size, FILL_ROWS):
            end = min(start + FILL_ROWS, self.size)
            await self.ledger.post([], self._filler(range(start, end), sequences))

    def _filler(self, numbers: range, sequences: Sequences) -> Any:  # noqa: ANN401
        def decide(_rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, None]:
            writes = SetWrites()
            for number in numbers:
                payment = self._payment(number, next(ids), sequences)
                leg = Posting(
                    purse_account(payment.holder_id, "cash"), merchant_account(1), FILL_FEN
                )
                writes.payments.append(payment)
                writes.entries.append(Entry(payment.id, "payment", (leg,)))
            writes.holders = [
                self._holder(number)
                for number in dict.fromkeys(number % CARDS for number in numbers)
            ]
            for holder in writes.holders:
                paid = len(range(holder.id - 1, numbers.stop, CARDS))
                holder.balances["cash"] = PURSE_FEN - paid * FILL_FEN
                holder.moved.add("cash")
            return writes, None

        return decide

    def _payment(self, number: int, payment_id: int, sequences: Sequences) -> PaymentFact:
        card = number % CARDS
        till = self.campus.tills[number % TILLS].terminal_id
        at = self.begins_at + number // CARDS * 15
        kind = CredentialKind.CODE
        return PaymentFact(
            id=payment_id,
            terminal_id=till,
            sequence=next(sequences[till]),
            merchant_id=1,
            card_id=card + 1,
            holder_id=card + 1,
            code_key=code_key(kind, self.campus.cards[card], 1, at // 15),
            credential=kind.value,
            class_id=1,
            period_id="",
            business_on=BUSINESS_ON,
            amounts=Amounts(FILL_FEN, 0, 0, FILL_FEN),
            borne_fen=0,
            was_offline=False,
            outcome="posted",
            reason="",
            occurred_at=at,
            posted_at=at,
        )

    @staticmethod
    def _holder(card: int) -> HolderState:
        return HolderState(card + 1, Tally(), 0, {}, {"cash": 0})

    async def round(self, cpu: CpuClock, *, is_counted: bool) -> None:
        """Tap some sets, and put down what they cost."""
        sets = [self._set() for _ in range(SETS_PER_ROUND)]
        cpu.restart()
        began = time.perf_counter()
        for attempts in sets:
            clock = partial(float, attempts[0].at)
            outcomes = await post_payments(self.ledger, self.campus.rules, clock, attempts)
            assert all(one.word is OutcomeWord.POSTED for one in outcomes), outcomes[0]
        seconds = time.perf_counter() - began
        if is_counted:
            share = MICROSECONDS / (SETS_PER_ROUND * SET_TAPS)
            python, database = cpu.spent()
            self.python_us.append(python * share)
            self.database_us.append(database * share)
            self.wall_us.append(seconds * share)

    def _set(self) -> list[Attempt]:
        return [self._tap(next(self._taps)) for _ in range(SET_TAPS)]

    def _tap(self, number: int) -> Attempt:
        """The next tap; the cards come in an order that touches the whole index."""
        card = number * 7_919 % CARDS
        till = self.campus.tills[number % TILLS].terminal_id
        at = self.begins_at + (self._fills_per_card + 1 + number // CARDS) * 15
        return Attempt(
            kind=AttemptKind.ONLINE,
            terminal_id=till,
            sequence=self.size + 1 + number // TILLS,
            at=at,
            card_number=self.campus.cards[card],
            issue=1,
            step=at // 15,
            asked_fen=1_250,
        )

    @property
    def cpu_us(self) -> list[float]:
        """Both CPU times, by round."""
        return [one + two for one, two in zip(self.python_us, self.database_us, strict=True)]


async def measure(urls: Sequence[DatabaseUrl], asked: Asked, pid: int | None) -> dict[str, Any]:
    """Fill, wait until the database is quiet, tap in turns."""
    books: list[Books] = []
    for url, size in zip(urls, asked.sizes, strict=True):
        folder = asked.folder / f"keys-{len(books)}"
        folder.mkdir()
        campus = await make_campus(url, folder, cards=CARDS, tills=TILLS, now=time.time())
        begins_at = int(time.time()) // 15 * 15 - 86_400
        ledger = Ledger(make_store(url), time.time, "benchmark")
        books.append(Books(campus, ledger, size, begins_at))
    cpu = CpuClock(pid)
    loads = [load_average()]
    async with AsyncExitStack() as stack:
        for one in books:
            await one.ledger.open()
            stack.push_async_callback(one.ledger.close)
            began = time.perf_counter()
            await one.fill()
            sys.stderr.write(f"{one.size:>9,} filled in {time.perf_counter() - began:.1f} s\n")
        await wait_until_quiet(cpu)
        for number in range(WARM_UP_ROUNDS + ROUNDS):
            turn = number % len(books)  # nobody is always the first
            for one in books[turn:] + books[:turn]:
                await one.round(cpu, is_counted=number >= WARM_UP_ROUNDS)
        loads.append(load_average())
        figures = {"engine": urls[0].engine, **told(books), "load_average": loads}
        if asked.is_verified:
            figures["verified"] = [await verified(one.ledger) for one in books]
    return figures


def told(books: Sequence[Books]) -> dict[str, Any]:
    """The figures of each size, and the ratios to the smallest, round by round."""
    smallest, largest = books[0], books[-1]
    figures: dict[str, Any] = {
        "ratio_largest_to_smallest": ratios(largest.cpu_us, smallest.cpu_us),
        "wall_ratio_largest_to_smallest": ratios(largest.wall_us, smallest.wall_us),
    }
    for one in books:
        figures[f"at {one.size:,} payments"] = {
            "ratio_to_smallest": ratios(one.cpu_us, smallest.cpu_us),
            "cpu_us": Spread.of(one.cpu_us).told(1),
            "python_cpu_us": Spread.of(one.python_us).told(1),
            "database_cpu_us": Spread.of(one.database_us).told(1),
            "wall_us": Spread.of(one.wall_us).told(1),
        }
    return figures


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """The ratio of each round."""
    return Spread.of([one / other for one, other in zip(ours, theirs, strict=True)]).told(3)


async def wait_until_quiet(cpu: CpuClock) -> None:
    """Let the database finish what filling left it to do: pages to write, undo to purge."""
    give_up_at = time.monotonic() + QUIET_SECONDS_MAX
    while time.monotonic() < give_up_at:
        cpu.restart()
        await asyncio.sleep(1.0)
        if cpu.spent()[1] < QUIET_CPU_SHARE:
            return


async def verified(ledger: Ledger) -> dict[str, int]:
    """What re-adding every raw row and following the chain finds."""
    report = await verify_ledger(ledger)
    return {
        "payments": report.payments,
        "residual_fen": report.residual_fen,
        "findings": len(report.findings),
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    sizes: tuple[int, ...]
    folder: Path
    is_verified: bool


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--engine", choices=("mysql", "sqlite"), default="mysql")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual sizes")
    parser.add_argument("--verify", action="store_true", help="verify the books afterwards")
    chosen = parser.parse_args()
    sizes = tuple(max(int(size * chosen.scale), PAYMENTS_MIN) for size in SIZES)
    with tempfile.TemporaryDirectory(prefix="xm-growth-", dir=DISK_FOLDER) as name:
        asked = Asked(sizes, Path(name), chosen.verify)
        if chosen.engine == "sqlite":
            urls = [DatabaseUrl.parse(f"sqlite://{name}/{n}.sqlite3") for n in range(len(sizes))]
            figures = asyncio.run(measure(urls, asked, None))
        else:
            with PrivateMariaDB(options=MARIADB) as mariadb:
                urls = [
                    DatabaseUrl.parse(mariadb.fresh_database(f"growth_{n}"))
                    for n in range(len(sizes))
                ]
                figures = asyncio.run(measure(urls, asked, mariadb.pid))
    tell(figures, as_json=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
