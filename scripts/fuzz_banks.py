"""Hold bytes before what the bank gateway reads, far more than the tests have time for.

`python3 scripts/fuzz_banks.py [--inputs 1000000] [--seed 1]` changes, cuts, doubles and mixes true
answers of all three wires, sign-ins and files, and makes pure noise. What comes of it may be an
unknown outcome or a refused file, never an approval and nothing uncaught; no input may take longer
than 200 ms of CPU, and memory must stay flat. Prints the figures; status 1 when one is missed.
"""

import argparse
import contextlib
import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
from scripts import environment

environment.reexec(dev=True)

from bank_gateway.asking import Ask, Key, Result, Verb
from bank_gateway.bank_files import BankFileError, read_bank_file
from bank_gateway.keys import KeyBlockError, WorkingKeys, open_block
from bank_gateway.profile import Profile
from bank_gateway.profile_files import SHIPPED, profile_from, read_profile
from bank_gateway.wire.dialect import Dialect
from bank_gateway.wire.faults import FrameError
from bank_gateway.wire.framing import Framer, framed
from bank_gateway.yaml_files import MistakesError
from simulators.bank.app import Bank
from simulators.bank.books import ACCOUNTS
from simulators.bank.pos import MASTER, Pos
from simulators.bank.texts import SHARED, Columns, Documents

INPUTS = 1_000_000
CPU_SECONDS_MAX = 0.2
GROWTH_KILOBYTES_MAX = 8192
TOLD_EVERY = 100_000
AT = 1_800_000_000
DAY = date(2027, 1, 15)
ACCOUNT = ACCOUNTS[0][0]
NAMED = {"terminal": "00000001", "merchant": "900000000000001", "agent": "300001"}
LOAD = Ask(
    Verb.LOAD, Key("fuzz", "00000001", DAY, 1, 42), AT, account=ACCOUNT, card_number="12345678",
    name="张三", amount_fen=5_000,
)  # fmt: skip
Present = Callable[[bytes], None]


def main() -> int:
    """Run; the exit status."""
    parser = argparse.ArgumentParser(description="Fuzz what the bank gateway reads.")
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    chance = random.Random(told.seed)
    targets = targets_of()
    longest, before = 0.0, peak_kilobytes()
    for number in range(1, told.inputs + 1):
        true, present = chance.choice(targets)
        data = chance.choice(MAKERS)(chance, true)
        if data == true:
            continue
        begun_at = time.process_time()
        present(data)
        longest = max(longest, time.process_time() - begun_at)
        if number == TOLD_EVERY // 10:
            before = peak_kilobytes()  # by now everything has been imported and warmed
        if number % TOLD_EVERY == 0:
            print(f"{number:,}", flush=True)
    growth = peak_kilobytes() - before
    print(f"{told.inputs:,} inputs, 0 uncaught, 0 approved that were not true")
    print(f"longest {longest * 1000:.2f} ms of CPU, memory grew {growth} kB")
    return int(longest > CPU_SECONDS_MAX or growth > GROWTH_KILOBYTES_MAX)


def targets_of() -> list[tuple[bytes, Present]]:
    """A true input of each kind, and what reads it."""
    bank = Bank(lambda: AT)
    found: list[tuple[bytes, Present]] = []
    for name, wire in (("unionpay_pos", "pos"), ("fixed_digest", "columns"), ("length_xml", "xml")):
        profile = read_profile(SHIPPED / f"{name}.yaml")
        dialect, keys = Dialect(profile, **NAMED), None
        if wire == "pos":
            key = Key("fuzz", "00000001", DAY, 0, 1)
            asked = dialect.message_of(Ask(Verb.SIGN_IN, key, AT), None)
            block = dialect.keys_in(bank.pos.answer(asked, ""))
            keys = open_block(MASTER, block)
            found.append((block, _block))
        front: Pos | Columns | Documents = bank.pos
        if wire != "pos":
            front = (Columns if wire == "columns" else Documents)(bank.books, bank.today)
        answer = front.answer(dialect.message_of(LOAD, keys, SHARED), "")
        if dialect.answer_of(answer, LOAD, keys, SHARED).result is not Result.APPROVED:
            raise SystemExit(f"{name}: the true answer is not approved")
        found.append((answer, _answer(dialect, keys, is_mac=wire != "columns")))
        found.append((framed(profile.framing, answer), _frame(profile)))
    profile = read_profile(SHIPPED / "length_xml.yaml")
    rows = [f"00000001|20270115|{n:06d}|BK{n}|{ACCOUNT}|100|LOAD" for n in range(1, 4)]
    file = "".join(f"{row}\r\n" for row in ("3|300", *rows)).encode()
    found.append((file, _file(profile)))
    found.append(((SHIPPED / "length_xml.yaml").read_bytes(), _profile))
    return found


def _answer(dialect: Dialect, keys: WorkingKeys | None, *, is_mac: bool) -> Present:
    def present(data: bytes) -> None:
        said = dialect.answer_of(data, LOAD, keys, SHARED)
        if said.result is Result.APPROVED and is_mac and said.amount_fen != LOAD.amount_fen:
            raise AssertionError(f"{data!r} was approved")

    return present


def _frame(profile: Profile) -> Present:
    def present(data: bytes) -> None:
        framer = Framer(profile.framing)
        with contextlib.suppress(FrameError):
            for at in range(0, len(data), 7):
                framer.feed(data[at : at + 7])

    return present


def _file(profile: Profile) -> Present:
    def present(data: bytes) -> None:
        with contextlib.suppress(BankFileError):
            read_bank_file(data, "XM_20270115.txt", profile, DAY, NAMED)

    return present


def _profile(data: bytes) -> None:
    with contextlib.suppress(MistakesError):
        profile_from(data, "fuzz.yaml")


def _block(data: bytes) -> None:
    with contextlib.suppress(KeyBlockError):
        open_block(MASTER, data)


def noise(chance: random.Random, true: bytes) -> bytes:
    """Any bytes, about as many."""
    return chance.randbytes(chance.randrange(2 * len(true) + 1))


def flipped(chance: random.Random, true: bytes) -> bytes:
    """A few bits the other way."""
    made = bytearray(true)
    for _ in range(chance.randrange(1, 9)):
        made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


def cut(chance: random.Random, true: bytes) -> bytes:
    """A piece of it."""
    first = chance.randrange(len(true))
    return true[first : chance.randrange(first, len(true) + 1)]


def doubled(chance: random.Random, true: bytes) -> bytes:
    """With a part of it once more."""
    at, size = chance.randrange(len(true)), chance.randrange(1, 60)
    return true[:at] + true[at : at + size] * chance.randrange(2, 5) + true[at:]


def digits(chance: random.Random, true: bytes) -> bytes:
    """With other digits where digits are."""
    made = bytearray(true)
    for _ in range(chance.randrange(1, 20)):
        at = chance.randrange(len(made))
        if 0x30 <= made[at] <= 0x39:
            made[at] = chance.randrange(0x30, 0x3A)
    return bytes(made)


MAKERS = (noise, flipped, cut, doubled, digits)


def peak_kilobytes() -> int:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
