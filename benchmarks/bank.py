"""`python3 benchmarks/bank.py [--json] [--loads N] [--lines N]`: the bank gateway.

Loads through the desk, the journal and a real connection to the simulated bank: by one terminal,
which asks one thing at a time, and by ten. Beside it in the same rounds what cannot be quicker: the
same messages sent to the same bank over the same kind of connection, with nothing written down.
Then a day of 100,000 lines is held against as many orders, and a day of 1,000 for the memory.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
import tracemalloc
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=True)

from bank_gateway.asking import Ask, Key, Verb
from bank_gateway.bank_files import read_bank_file
from bank_gateway.desk import Bank as Partnered
from bank_gateway.desk import Booking, Desk
from bank_gateway.journal import Entry, Journal, Order
from bank_gateway.line import Address, Line
from bank_gateway.partner import Partner, Secrets
from bank_gateway.profile import Profile
from bank_gateway.profile_files import SHIPPED, read_profile
from bank_gateway.reconciling import reconcile
from bank_gateway.states import Standing, State
from bank_gateway.wire.dialect import Dialect
from benchmarks.figures import Spread, load_average, ratio_of, tell
from simulators.bank.app import Bank
from simulators.bank.books import ACCOUNTS
from simulators.bank.pos import MASTER

LOADS = 1_000
LINES = 100_000
ROUNDS = 3
AT = 1_800_000_000
DAY = date(2027, 1, 15)
ACCOUNT = ACCOUNTS[0][0]
DISK_FOLDER = "/var/tmp"  # noqa: S108 - a disk where /tmp may be memory


class Everything:
    """Books that take whatever they are told."""

    async def book(self, _entry: Entry) -> Booking:
        """Booked."""
        return Booking.BOOKED


def partners(profile: Profile, port: int, terminals: int) -> dict[tuple[str, str], Partner]:
    """So many terminals of one bank, each with a line of its own."""
    return {
        (profile.bank, f"{n:08}"): Partner(
            Dialect(profile, terminal=f"{n:08}", merchant="9" * 15),
            Line(profile, Address("127.0.0.1", port)),
            Secrets(MASTER),
        )
        for n in range(terminals)
    }


async def through_desk(profile: Profile, bank: Bank, terminals: int, loads: int) -> float:
    """Loads a second, written down and booked."""
    made = partners(profile, bank.ports["pos"], terminals)
    banks: dict[tuple[str, str], Partnered] = {**made}
    with tempfile.TemporaryDirectory(prefix="xm-bank-", dir=DISK_FOLDER) as name:
        journal = Journal(Path(name) / "journal.sqlite3", bytes(32), os.urandom)
        desk = Desk(journal, banks, Everything(), lambda: AT)
        for place in made:
            await desk.sign_in(*place)

        async def work(terminal: str, numbers: range) -> None:
            for number in numbers:
                order = Order(
                    f"load-{terminal}-{number}", Verb.LOAD, profile.bank, terminal, ACCOUNT, "1",
                    "", 100,
                )  # fmt: skip
                entry = await desk.take(order)
                if entry.standing.state is not State.BOOKED:
                    raise SystemExit(f"{entry.standing.state}: {entry.en}")

        began = time.perf_counter()
        share = loads // terminals
        await asyncio.gather(*(work(place[1], range(share)) for place in made))
        took = time.perf_counter() - began
        for partner in made.values():
            await partner.close()
        journal.close()
    return share * terminals / took


async def straight(profile: Profile, bank: Bank, terminals: int, loads: int) -> float:
    """Loads a second with nothing written down: the bank's own rate over these lines."""
    made = partners(profile, bank.ports["pos"], terminals)
    batches = {}
    for (name, terminal), partner in made.items():
        key = Key(name, terminal, DAY, 0, 999_999)
        batches[terminal] = (await partner.ask(Ask(Verb.SIGN_IN, key, AT))).batch or 0

    async def work(terminal: str, partner: Partner, numbers: range) -> None:
        key = Key(profile.bank, terminal, DAY, batches[terminal], 1)
        for number in numbers:
            asked = Ask(
                Verb.LOAD, replace(key, trace=number + 1), AT, account=ACCOUNT, card_number="1",
                amount_fen=100,
            )  # fmt: skip
            await partner.ask(asked)

    began = time.perf_counter()
    share = loads // terminals
    await asyncio.gather(*(work(place[1], one, range(share)) for place, one in made.items()))
    took = time.perf_counter() - began
    for partner in made.values():
        await partner.close()
    return share * terminals / took


def day_of(lines: int, profile: Profile) -> tuple[bytes, list[Entry]]:
    """A file of so many lines, and the orders it is about."""
    rows = [f"00000001|20270115|{n:06d}|BK{n}|{ACCOUNT}|100|LOAD" for n in range(1, lines + 1)]
    raw = "".join(f"{row}\r\n" for row in (f"{lines}|{lines * 100}", *rows)).encode()
    order = Order("", Verb.LOAD, profile.bank, "00000001", ACCOUNT, "1", "", 100)
    entries = [
        Entry(
            n, replace(order, order_id=f"load-{n}"), Key(profile.bank, "00000001", DAY, 0, n),
            "0017", Standing(State.BOOKED), AT, AT,
        )
        for n in range(1, lines + 1)
    ]  # fmt: skip
    return raw, entries


def settle(lines: int, profile: Profile) -> tuple[float, float]:
    """Seconds to read and join a day of so many lines, and the bytes a line takes at most."""
    raw, entries = day_of(lines, profile)
    began = time.perf_counter()
    file = read_bank_file(raw, "XM_20270115.txt", profile, DAY, {"terminal": "00000001"})
    result = reconcile(file, entries, [], frozenset())
    took = time.perf_counter() - began
    if result.for_people or len(result.joined) != lines:
        raise SystemExit("the day does not come to nothing")
    tracemalloc.start()
    file = read_bank_file(raw, "XM_20270115.txt", profile, DAY, {"terminal": "00000001"})
    reconcile(file, entries, [], frozenset())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return took, peak / lines


async def measure(loads: int, lines: int) -> dict[str, Any]:
    """All of it, in rounds."""
    profile = read_profile(SHIPPED / "unionpay_pos.yaml")
    limits = profile.limits.model_copy(update={"day_fen_max": 100_000_000})
    profile = profile.model_copy(update={"limits": limits})
    bank = Bank(lambda: AT)
    await bank.listen("pos")
    bank.books.accounts[ACCOUNT].balance_fen = 10**12
    figures: dict[str, Any] = {"loads": loads, "load_average": [load_average()]}
    for terminals in (1, 10):
        desk, alone = [], []
        for _ in range(ROUNDS):
            alone.append(await straight(profile, bank, terminals, loads))
            bank.books.moves.clear()
            desk.append(await through_desk(profile, bank, terminals, loads))
            bank.books.moves.clear()
        figures[f"terminals_{terminals}"] = {
            "loads_a_second": Spread.of(desk).told(0),
            "the_bank_alone_a_second": Spread.of(alone).told(0),
            "ratio": ratio_of(desk, alone),
        }
    await bank.close()
    small = read_profile(SHIPPED / "length_xml.yaml")
    _, few = settle(max(lines // 100, 1), small)
    took, many = settle(lines, small)
    figures["reconciling"] = {
        "lines": lines,
        "seconds": round(took, 2),
        "bytes_a_line": round(many),
        "bytes_a_line_of_a_hundredth": round(few),
    }
    figures["load_average"].append(load_average())
    return figures


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--loads", type=int, default=LOADS)
    parser.add_argument("--lines", type=int, default=LINES)
    chosen = parser.parse_args()
    tell(asyncio.run(measure(chosen.loads, chosen.lines)), as_json=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
