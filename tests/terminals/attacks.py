"""
Attacks on one terminal by the million: codes shown again or made up, retired forms, power cuts.

Each attack yields how many it tried and how many were taken; the tests try some, and
`scripts/soak_terminal.py` tries as many as are promised.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from campus_code import (
    CODE_DIGITS,
    EpochKey,
    Keyring,
    RefusedError,
    Window,
    verify_code,
)
from qr_terminals.asking import Circuit
from qr_terminals.journal import Journal
from qr_terminals.judge import Offered, look, ready
from qr_terminals.till import Till
from tests.rig.power import cuts
from tests.terminals.bench import Rig
from tests.terminals.campus import CARDS, EPOCH_SECONDS, Campus
from tests.terminals.standin import Standin
from tests.terminals.tills import payment

RESTART_EVERY = 2_500
PIECE = 1_000
ALONE = Circuit(paused_until=float("inf"))
WINDOW = Window()
RECORDS_WRITTEN = 30


class Tried(NamedTuple):
    """So many more were tried, so many of them taken."""

    tried: int
    taken: int


def replays(folder: Path, count: int, seed: int) -> Iterator[Tried]:
    """
    Codes that have paid, shown again to the terminal that took them, while each is fresh and
    after; every so often the terminal starts again on the same files.
    """
    chance = random.Random(seed)
    campus = Campus()
    standin = Standin(campus)
    rig = Rig(standin.url, folder / "home", campus.at)
    rig.sync()
    standin.is_down = True
    paid = _pay(rig, campus)
    done = 0
    while done < count:
        piece = min(PIECE, count - done)
        taken = sum(
            _is_taken(rig, chance.choice(paid), chance.randint(0, 45)) for _ in range(piece)
        )
        done += piece
        yield Tried(piece, taken)
        if done % RESTART_EVERY < PIECE:
            rig.restart()
    rig.close()
    standin.close()


def _pay(rig: Rig, campus: Campus) -> list[str]:
    """Every card of the campus pays once, alone; the codes."""
    rig.terminal._till.circuit = ALONE
    codes = [campus.code(number) for number in range(CARDS)]
    for code in codes:
        assert rig.scan(code)["result"] == "approved"
        rig.lines()
    return codes


def _is_taken(rig: Rig, code: str, later_seconds: int) -> bool:
    """Whether the till itself, which is asked before anything else, says yes."""
    till: Till = rig.terminal._till
    known = ready(rig.holdings.now)
    assert known is not None
    try:
        look(Offered(code, rig.clock.rough() + later_seconds), known, till.memory)
    except RefusedError:
        return False
    return True


def forgeries(count: int, seed: int) -> Iterator[Tried]:
    """Codes right in everything that can be known, and 18 digits of chance where the tags stand."""
    chance = random.Random(seed)
    campus = Campus()
    keyring, at = campus.keyring, campus.at
    heads = [campus.code(number)[:16] for number in range(CARDS)]
    for done in range(0, count, PIECE):
        piece = min(PIECE, count - done)
        taken = 0
        for _ in range(piece):
            text = f"{heads[chance.randrange(CARDS)]}{chance.randrange(10**18):018d}"
            taken += _verifies(text, keyring, at, ())
        yield Tried(piece, taken)


def downgrades() -> Iterator[Tried]:
    """
    A right code under every other form and every other epoch's digits, with every set of retired
    forms, and right codes of epochs that are over; none of these may be taken.
    """
    campus = Campus()
    code, at = campus.code(1), campus.at
    others = "".join(digit for digit in "0123456789" if digit != code[0])
    for form, retired in product(others, [(), *((n,) for n in range(10)), tuple(range(10))]):
        yield Tried(1, _verifies(form + code[1:], campus.keyring, at, retired))
    yield Tried(1, _verifies(code, campus.keyring, at, (int(code[0]),)))
    ring = Keyring((*_other_epochs(campus.terminal_key), campus.terminal_key))
    for digits in range(100):
        if digits != campus.terminal_key.digits:
            yield Tried(1, _verifies(f"{code[0]}{digits:02d}{code[3:]}", ring, at, ()))


def _other_epochs(key: EpochKey) -> Iterator[EpochKey]:
    """An epoch before and one after, both valid now, with keys of their own; one that is over."""
    for epoch, master in ((key.epoch - 1, b"\x01"), (key.epoch + 1, b"\x02")):
        yield EpochKey(epoch, key.valid_from, key.valid_until, master * 32)
    over = key.valid_from + EPOCH_SECONDS // 2
    yield EpochKey(key.epoch + 100, key.valid_from, over, key.master)


def _verifies(text: str, keyring: Keyring, at: int, retired: tuple[int, ...]) -> bool:
    assert len(text) == CODE_DIGITS
    try:
        verify_code(text, keyring, at, WINDOW, retired_formats=retired)
    except RefusedError:
        return False
    return True


def power_cuts(folder: Path, count: int, seed: int) -> Iterator[Tried]:
    """Cuts of power while a journal is written; taken is each that lost what was shown."""
    for shown, path in cuts(folder, count, seed, RECORDS_WRITTEN):
        yield Tried(1, not keeps(path, shown))


def keeps(path: Path, shown: int) -> bool:
    """Whether the journal is whole, holds all that was shown, and at most the one after it."""
    journal = Journal(path)
    try:
        if journal.broken is not None:
            return False
        records = [held.record for held in journal.records()]
        wanted = [payment(number) for number in range(1, len(records) + 1)]
        return records == wanted and shown <= len(records) <= shown + 1
    finally:
        journal.close()


ATTACKS: dict[str, Callable[[Path, int, int], Iterator[Tried]]] = {
    "replays": replays,
    "forgeries": lambda _folder, count, seed: forgeries(count, seed),
    "downgrades": lambda _folder, _count, _seed: downgrades(),
    "power": power_cuts,
}
SOAK_COUNTS = {"replays": 10**6, "forgeries": 10**7, "downgrades": 208, "power": 20_000}
"""What is promised."""
