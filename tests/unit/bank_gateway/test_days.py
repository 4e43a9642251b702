"""A bank's day settled by its file: what is planted is found, and nothing is found besides."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_gateway.asking import Key, Verb
from bank_gateway.bank_files import BankFileError, LineKey, read_bank_file
from bank_gateway.days import DayOrderError, Days, OtherFileError
from bank_gateway.journal import Entry, Order
from bank_gateway.reconciling import FOR_PEOPLE, Finding, reconcile
from bank_gateway.states import Incident, Standing, State, StateError
from tests.rig.banking import ACCOUNT, AT, DAY, NAMED, profile_of
from tests.unit.bank_gateway.test_desk import TERMINAL, Gateway, opened

PROFILE = profile_of("length_xml")
NAME = f"XM_{DAY:%Y%m%d}.txt"
YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)


def line(trace: int, fen: int = 5_000, day: date = DAY, kind: str = "LOAD") -> str:
    return f"{TERMINAL}|{day:%Y%m%d}|{trace:06d}|BK{trace}|{ACCOUNT}|{fen}|{kind}"


def file_of(*lines: str, head: str = "") -> bytes:
    fen = sum(int(one.split("|")[5]) for one in lines)
    return "".join(f"{one}\r\n" for one in (head or f"{len(lines)}|{fen}", *lines)).encode()


def order(trace: int, state: State, fen: int = 5_000, day: date = DAY) -> Entry:
    asked = Order(f"load-{trace}", Verb.LOAD, "length-xml", TERMINAL, ACCOUNT, "1", "张三", fen)
    key = Key("length-xml", TERMINAL, day, 0, trace)
    return Entry(trace, asked, key, "0017", Standing(state), AT, AT)


def found(
    entries: list[Entry], lines: list[str], before: list[Entry] | None = None
) -> dict[int, Finding]:
    """By trace what a day comes to."""
    file = read_bank_file(file_of(*lines), NAME, PROFILE, DAY, NAMED)
    result = reconcile(file, entries, before or [], frozenset())
    return {
        one.line.key.trace if one.line else one.entry.key.trace if one.entry else 0: one.finding
        for one in result.joined
    }


def test_each_kind_of_difference_is_what_it_is_called() -> None:
    ours = [
        order(1, State.BOOKED), order(2, State.APPROVED), order(3, State.MANUAL),
        order(4, State.UNDONE), order(5, State.DECLINED), order(6, State.FAILED),
        order(7, State.BOOKED, 4_999), order(8, State.BOOKED), order(9, State.UNDOING),
        order(10, State.DECLINED), order(11, State.MANUAL),
    ]  # fmt: skip
    theirs = [line(n) for n in range(1, 8)] + [line(99)]
    assert found(ours, theirs) == {
        1: Finding.EQUAL, 2: Finding.TO_BOOK, 3: Finding.TO_BOOK, 4: Finding.TO_BOOK,
        5: Finding.TO_BOOK, 6: Finding.TO_BOOK, 7: Finding.AMOUNT_DIFFERS, 8: Finding.PENDING,
        9: Finding.UNDONE, 11: Finding.UNDONE, 99: Finding.NO_ORDER,
    }  # fmt: skip


def test_what_is_missing_today_is_looked_for_tomorrow_and_then_told() -> None:
    late = order(8, State.BOOKED, day=YESTERDAY)
    assert found([], [], [late]) == {8: Finding.BANK_HAS_NOT}
    assert found([], [line(8, day=YESTERDAY)], [late]) == {8: Finding.EQUAL}


def test_a_day_with_an_ask_under_way_is_not_settled() -> None:
    with pytest.raises(StateError):
        found([order(1, State.SENT)], [])


DOUBTFUL = (State.APPROVED, State.UNDOING, State.MANUAL, State.UNDONE, State.DECLINED, State.FAILED)
PLANTED: dict[Finding | None, tuple[tuple[State | None, ...], int | None]] = {
    Finding.EQUAL: ((State.BOOKED,), 0),
    Finding.TO_BOOK: (DOUBTFUL, 0),
    Finding.UNDONE: ((State.UNDOING, State.MANUAL), None),
    Finding.PENDING: ((State.BOOKED,), None),
    Finding.AMOUNT_DIFFERS: ((State.BOOKED,), 1),
    Finding.NO_ORDER: ((None,), 0),
    None: ((State.DECLINED, State.FAILED, State.UNDONE), None),
}
"""What is planted: how an order of ours stands, and by how much the bank's line differs."""


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 60))
def test_in_random_days_every_planted_difference_is_found_and_none_besides(
    seed: int, size: int
) -> None:
    drawn = random.Random(seed)
    entries, lines, planted = [], [], {}
    for trace in range(1, size + 1):
        fen = drawn.randrange(1, 50_000)
        finding = drawn.choice(list(PLANTED))
        states, differs_by = PLANTED[finding]
        if (ours := drawn.choice(states)) is not None:
            entries.append(order(trace, ours, fen))
        if differs_by is not None:
            lines.append(line(trace, fen + differs_by))
        if finding is not None:
            planted[trace] = finding
    drawn.shuffle(lines)
    assert found(entries, lines) == planted


@pytest.mark.parametrize(
    "change,where,what",
    [
        (lambda raw: raw.replace(b"|5000|", b"|5001|", 1), 1, "its lines come to 2|10001"),
        (lambda raw: raw.replace(b"2|10000", b"3|10000"), 1, "its lines come to 2|10000"),
        (lambda raw: raw + raw.split(b"\r\n")[1] + b"\r\n", 4, "the same as line 2"),
        (lambda raw: raw[:-4], 3, "cut off"),
        (lambda raw: raw.replace(b"20270115", b"20270113", 1), 2, "not of 2027-01-15"),
        (lambda raw: raw.replace(b"20270115", b"20270230", 1), 2, "not of 2027-01-15"),
        (lambda raw: raw.replace(b"LOAD", b"GIFT", 1), 2, "neither LOAD nor UNLOAD"),
        (lambda raw: raw.replace(b"|5000|", b"|-500|", 1), 2, "amount: not a number"),
        (lambda raw: raw.replace(b"|5000|", b"|0|", 1), 2, "more than nothing"),
        (lambda raw: raw.replace(b"|BK1|", b"|", 1), 2, "7 cells are wanted, 6 stand here"),
        (lambda raw: raw.replace(b"BK1", b"\xff\xff", 1), 2, "not in gb18030"),
        (lambda _: b"", 1, "count and sum"),
    ],
)
def test_one_wrong_fen_or_line_refuses_the_whole_file(
    change: Callable[[bytes], bytes], where: int, what: str
) -> None:
    raw = change(file_of(line(1), line(2)))
    with pytest.raises(BankFileError, match=what.replace("|", r"\|")) as raised:
        read_bank_file(raw, NAME, PROFILE, DAY, NAMED)
    assert where in {number for number, _ in raised.value.faults}


def test_a_file_of_another_day_is_refused_by_its_name() -> None:
    raw = file_of(line(1))
    with pytest.raises(BankFileError, match=r"is called XM_20270115\.txt"):
        read_bank_file(raw, f"XM_{TOMORROW:%Y%m%d}.txt", PROFILE, DAY, NAMED)


def test_our_reference_is_taken_apart_as_the_profile_says() -> None:
    profile = profile_of("fixed_digest")
    row = f"BK1|20270115300001000042|20270115160000|{ACCOUNT}|12345678|5000|LOAD"
    raw = f"1|5000\r\n{row}\r\n".encode()
    file = read_bank_file(raw, "DZ_300001_20270115.txt", profile, DAY, NAMED)
    assert file.lines[0].key == LineKey("00000001", DAY, 0, 42)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with opened("columns", tmp_path / "journal.sqlite3") as one:
        yield one


async def settle(gateway: Gateway, raw: bytes, day: date = DAY) -> Days:
    days = Days(gateway.journal, gateway.desk, lambda: gateway.now)
    name = f"DZ_300001_{day:%Y%m%d}.txt"
    await days.settle(raw, name, gateway.profile, day, {"agent": "300001", "terminal": TERMINAL})
    return days


async def test_after_a_bad_day_the_file_makes_both_sides_equal(gateway: Gateway) -> None:
    tries = gateway.profile.undoing.tries
    await gateway.load("load-0")
    gateway.house.plan("answer_lost", *["ask_lost"] * tries, "answer_lost")
    await gateway.load("load-1")
    for _ in range(tries):
        gateway.now += gateway.profile.undoing.seconds
        await gateway.desk.sweep()
    assert gateway.state("load-1") is State.MANUAL
    await gateway.load("load-2")
    gateway.now = AT + 8 * 3600  # the bank has cut its day: from here on nothing is reversed
    await gateway.desk.sweep()
    assert gateway.state("load-2") is State.UNDOING
    assert gateway.house.kept_fen == 15_000
    raw, _ = gateway.house.file()
    days = Days(gateway.journal, gateway.desk, lambda: gateway.now)
    named = {"agent": "300001", "terminal": TERMINAL}
    result = await days.settle(raw, "DZ_300001_20270115.txt", gateway.profile, DAY, named)
    assert result.counted() == {Finding.EQUAL: (1, 5_000), Finding.TO_BOOK: (2, 10_000)}
    assert days.proof(result, gateway.profile.bank) == (15_000, 15_000)
    gateway.require_conserved()
    # the same file again changes nothing, another one of the day is not used
    again = await days.settle(raw, "DZ_300001_20270115.txt", gateway.profile, DAY, named)
    assert again.counted() == {Finding.EQUAL: (3, 15_000)}
    gateway.require_conserved()
    with pytest.raises(OtherFileError):
        await settle(gateway, b"0|0\r\n")


async def test_days_are_settled_in_their_order(gateway: Gateway) -> None:
    await gateway.load("load-1")
    days = Days(gateway.journal, gateway.desk, lambda: gateway.now)
    bank = gateway.profile.bank
    assert days.due(bank, TOMORROW) == [DAY]
    assert days.due(bank, TOMORROW + timedelta(days=2)) == [DAY, TOMORROW + timedelta(days=1)]
    raw, _ = gateway.house.file()
    with pytest.raises(DayOrderError, match="2027-01-15 must be settled before 2027-01-16"):
        await settle(gateway, b"0|0\r\n", TOMORROW)
    assert gateway.state("load-1") is State.BOOKED
    await settle(gateway, raw)
    await settle(gateway, b"0|0\r\n", TOMORROW)
    assert days.due(bank, TOMORROW + timedelta(days=1)) == []


async def test_what_a_bank_said_it_undid_and_has_is_booked_and_told(gateway: Gateway) -> None:
    gateway.house.plan("answer_lost")
    await gateway.load("load-1")
    await gateway.desk.sweep()
    assert gateway.state("load-1") is State.UNDONE
    for move in gateway.house.bank.books.moves.values():
        move.is_undone = False  # it said so, and did not
    days = Days(gateway.journal, gateway.desk, lambda: gateway.now)
    named = {"agent": "300001", "terminal": TERMINAL}
    result = await days.settle(
        gateway.house.file()[0], "DZ_300001_20270115.txt", gateway.profile, DAY, named
    )
    assert [one.incident for one in result.joined] == [Incident.BANK_DID_NOT_UNDO]
    gateway.require_conserved()


async def test_nothing_is_reversed_after_the_bank_cut_its_day(gateway: Gateway) -> None:
    gateway.house.plan("answer_lost")
    await gateway.load("load-1")
    gateway.now += 16 * 3600  # the next morning
    await gateway.desk.sweep()
    assert gateway.house.asked["290100"] == 0
    # and it does not stand in the way of the new day
    assert (await gateway.load("load-2")).standing.state is State.BOOKED


def test_what_waits_for_people_is_named() -> None:
    file = read_bank_file(file_of(line(1), line(2)), NAME, PROFILE, DAY, NAMED)
    result = reconcile(file, [order(1, State.BOOKED, 4_000)], [], frozenset())
    assert {one.finding for one in result.for_people} == {
        Finding.AMOUNT_DIFFERS, Finding.NO_ORDER
    } <= FOR_PEOPLE  # fmt: skip


def test_a_line_of_an_earlier_file_is_not_missed_today() -> None:
    file = read_bank_file(file_of(), NAME, PROFILE, DAY, NAMED)
    entry = replace(order(1, State.BOOKED), key=Key("length-xml", TERMINAL, YESTERDAY, 0, 1))
    known = frozenset({LineKey(TERMINAL, YESTERDAY, 0, 1)})
    assert reconcile(file, [], [entry], known).joined == ()
    assert reconcile(file, [], [entry], frozenset()).joined[0].finding is Finding.BANK_HAS_NOT
