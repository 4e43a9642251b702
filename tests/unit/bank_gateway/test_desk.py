"""Orders from the desk through a real connection to a bank with books of its own, and back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bank_gateway.asking import Result, Verb
from bank_gateway.desk import Booking, Desk, RefusedError, day_at
from bank_gateway.journal import Entry, Journal, Order, OrderConflictError
from bank_gateway.line import Address, Line, NotSentError
from bank_gateway.partner import Partner, Secrets
from bank_gateway.profile import Profile
from bank_gateway.states import OVERDUE_SECONDS, State
from bank_gateway.wire.dialect import Dialect
from tests.rig.bank_house import MASTER, SHARED, BankHouse, open_bank
from tests.rig.banking import ACCOUNT, AT, DAY, profile_of

KEK = bytes(32)
TERMINAL = "00000001"
DIALECTS = {"pos": "unionpay_pos", "columns": "fixed_digest", "xml": "length_xml"}


@dataclass
class SchoolBooks:
    """The school's side: what is booked, by order; it can be away, or refuse."""

    booked: dict[str, int] = field(default_factory=dict)
    says: list[Booking] = field(default_factory=list)

    async def book(self, entry: Entry) -> Booking:
        said = self.says.pop(0) if self.says else Booking.BOOKED
        if said is Booking.BOOKED:
            self.booked[entry.order.order_id] = entry.order.amount_fen
        return said


@dataclass
class Gateway:
    """A desk with one bank behind it."""

    desk: Desk
    journal: Journal
    house: BankHouse
    books: SchoolBooks
    profile: Profile
    now: float = AT

    async def load(self, order_id: str, fen: int = 5_000, **more: Any) -> Entry:
        order = Order(
            order_id, Verb.LOAD, self.profile.bank, more.pop("terminal", TERMINAL), ACCOUNT,
            "12345678", "张三", fen,
        )  # fmt: skip
        return await self.desk.take(replace(order, **more))

    def state(self, order_id: str) -> State:
        found = self.journal.find(order_id)
        assert found is not None
        return found.standing.state

    def require_conserved(self) -> None:
        """What the bank keeps is what the school has booked."""
        assert self.house.kept_fen == sum(self.books.booked.values())


def quick(profile: Profile, **changed: float | str) -> Profile:
    """The profile with time-outs for tests."""
    line = profile.line.model_copy(update={"answer_seconds": 0.5, "connect_seconds": 0.5})
    undoing = profile.undoing.model_copy(update=changed)
    return profile.model_copy(update={"line": line, "undoing": undoing})


@contextlib.asynccontextmanager
async def opened(
    dialect: str, path: Path, terminals: tuple[str, ...] = (TERMINAL,)
) -> AsyncIterator[Gateway]:
    profile = quick(profile_of(DIALECTS[dialect]))
    async with open_bank(dialect) as house:
        address = Address("127.0.0.1", house.port, "127.0.0.1")
        partners: Mapping[tuple[str, str], Partner] = {
            (profile.bank, terminal): Partner(
                Dialect(profile, terminal=terminal, merchant="9" * 15, agent="300001"),
                Line(profile, address),
                Secrets(MASTER, SHARED),
            )
            for terminal in terminals
        }
        journal, books = Journal(path, KEK, bytes), SchoolBooks()
        gateway = Gateway(None, journal, house, books, profile)  # type: ignore[arg-type]  # below
        gateway.desk = Desk(journal, partners, books, lambda: gateway.now)
        try:
            yield gateway
        finally:
            for partner in partners.values():
                await partner.close()
            journal.close()


@pytest.fixture(params=list(DIALECTS))
async def gateway(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with opened(request.param, tmp_path / "journal.sqlite3") as one:
        yield one


async def test_a_load_goes_to_the_bank_and_into_the_books_once(gateway: Gateway) -> None:
    entry = await gateway.load("load-1")
    assert (entry.standing.state, entry.code[-2:]) == (State.BOOKED, "00")
    assert entry.reference
    assert entry.settled_on == DAY
    again = await gateway.load("load-1")
    assert (again.id, again.standing.state) == (entry.id, State.BOOKED)
    assert gateway.books.booked == {"load-1": 5_000}
    assert list(gateway.house.moved.values()) == [5_000]
    gateway.require_conserved()


async def test_an_order_id_stands_for_one_order(gateway: Gateway) -> None:
    await gateway.load("load-1")
    with pytest.raises(OrderConflictError):
        await gateway.load("load-1", 6_000)
    with pytest.raises(OrderConflictError):
        await gateway.load("load-1", card_number="87654321")
    assert list(gateway.house.moved.values()) == [5_000]


async def test_a_bank_that_says_no_moves_nothing(gateway: Gateway) -> None:
    gateway.house.account.balance_fen = 100
    entry = await gateway.load("load-1")
    assert (entry.standing.state, entry.zh) == (State.DECLINED, "银行卡余额不足")
    assert gateway.books.booked == {}
    gateway.require_conserved()


LOST = ("ask_lost", "garbage_instead")
BROKEN = (
    "answer_lost", "late_answer", "false_seal", "half_answer", "garbage_after", "other_amount",
    "other_account", "other_trace", "undecided_and_moved",
)  # fmt: skip


@pytest.mark.parametrize("fault", [*LOST, *BROKEN, "undecided"])
async def test_what_nobody_knows_is_undone_or_found(gateway: Gateway, fault: str) -> None:
    await gateway.load("load-0")
    gateway.house.plan(fault)
    entry = await gateway.load("load-1")
    assert entry.standing.state is State.UNDOING
    await gateway.desk.sweep()
    is_found = gateway.house.wire == "xml" and fault in BROKEN
    # a bank that can be asked says that it stands, and it is booked; another one undoes it
    assert gateway.state("load-1") is (State.BOOKED if is_found else State.UNDONE)
    gateway.require_conserved()
    assert (await gateway.load("load-2")).standing.state is State.BOOKED
    gateway.require_conserved()


async def test_a_query_that_tells_of_another_amount_books_nothing(tmp_path: Path) -> None:
    async with opened("columns", tmp_path / "journal.sqlite3") as gateway:
        partner = gateway.desk._banks[gateway.profile.bank, TERMINAL]
        assert isinstance(partner, Partner)
        asks_first = quick(gateway.profile, how="query_then_reverse")
        partner._dialect.profile = asks_first
        gateway.house.bank.faults.plan("answer_lost", only="load")
        gateway.house.bank.faults.plan("other_amount", only="query")
        await gateway.load("load-1")
        await gateway.desk.sweep()
        assert gateway.state("load-1") is State.UNDOING
        assert gateway.books.booked == {}
        await gateway.desk.sweep()
        assert gateway.state("load-1") is State.BOOKED
        gateway.require_conserved()


async def test_a_new_ask_waits_until_the_old_one_is_undone(tmp_path: Path) -> None:
    async with opened("pos", tmp_path / "journal.sqlite3") as gateway:
        await gateway.load("load-0")
        gateway.house.plan("answer_lost", "ask_lost")
        assert (await gateway.load("load-1")).standing.state is State.UNDOING
        with pytest.raises(RefusedError, match="still being checked"):
            await gateway.load("load-2")
        assert gateway.journal.find("load-2") is None
        assert gateway.house.asked["0400"] == 0
        # and the next one undoes it first, then goes through
        assert (await gateway.load("load-3")).standing.state is State.BOOKED
        assert gateway.state("load-1") is State.UNDONE
        gateway.require_conserved()


async def test_after_so_many_reversals_it_is_people_s_work(tmp_path: Path) -> None:
    async with opened("columns", tmp_path / "journal.sqlite3") as gateway:
        tries = gateway.profile.undoing.tries
        gateway.house.plan("answer_lost", *["ask_lost"] * tries)
        await gateway.load("load-1")
        for _ in range(tries):
            assert gateway.state("load-1") is State.UNDOING
            gateway.now += gateway.profile.undoing.seconds
            await gateway.desk.sweep()
        assert gateway.state("load-1") is State.MANUAL
        assert gateway.desk.overdue() == []
        gateway.now += OVERDUE_SECONDS
        assert [one.order.order_id for one in gateway.desk.overdue()] == ["load-1"]
        await gateway.desk.sweep()
        assert gateway.house.asked["290100"] == 0  # every one of them was lost


async def test_reversals_are_not_sent_faster_than_the_profile_says(tmp_path: Path) -> None:
    async with opened("columns", tmp_path / "journal.sqlite3") as gateway:
        gateway.house.plan("answer_lost", "answer_lost")
        await gateway.load("load-1")
        for _ in range(5):
            await gateway.desk.sweep()
        assert gateway.house.asked["290100"] == 1


async def test_a_line_that_is_down_consumes_nothing(gateway: Gateway) -> None:
    await gateway.load("load-0")
    gateway.house.plan("answer_lost")
    await gateway.load("load-1")
    port, place = gateway.house.port, (gateway.profile.bank, TERMINAL)
    partner = gateway.desk._banks[place]
    assert isinstance(partner, Partner)
    line = partner._line
    line._address = Address("127.0.0.1", 9)  # nobody listens there
    for _ in range(5):
        await gateway.desk.sweep()
    found = gateway.journal.find("load-1")
    assert found is not None
    assert (found.standing.state, found.standing.tries) == (State.UNDOING, 0)
    line._address = Address("127.0.0.1", port)
    await gateway.desk.sweep()
    gateway.require_conserved()


async def test_what_the_books_cannot_take_yet_is_told_until_they_have_it(gateway: Gateway) -> None:
    gateway.books.says = [Booking.AWAY, Booking.AWAY]
    assert (await gateway.load("load-1")).standing.state is State.APPROVED
    await gateway.desk.sweep()
    assert gateway.state("load-1") is State.APPROVED
    await gateway.desk.sweep()
    assert gateway.state("load-1") is State.BOOKED
    gateway.require_conserved()


async def test_what_the_books_refuse_goes_back_to_the_bank(gateway: Gateway) -> None:
    gateway.books.says = [Booking.REFUSED]
    assert (await gateway.load("load-1")).standing.state is State.UNDOING
    await gateway.desk.sweep()
    assert gateway.state("load-1") is State.UNDONE
    assert gateway.house.kept_fen == 0
    gateway.require_conserved()


async def test_a_gateway_that_was_killed_after_sending_finds_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    async with opened("pos", path) as gateway:
        await gateway.load("load-0")
        order = Order(
            "load-1", Verb.LOAD, gateway.profile.bank, TERMINAL, ACCOUNT, "1", "张三", 700
        )
        entry, _ = gateway.journal.add(order, DAY, AT)
        bank = gateway.desk._banks[gateway.profile.bank, TERMINAL]
        gateway.journal.write(entry, replace(entry.standing, state=State.SENT), AT)
        await bank.ask(entry.ask(AT))  # and it dies before it reads the answer
        assert gateway.house.kept_fen == 5_700
        assert gateway.desk.start() == 1
        await gateway.desk.sweep()
        assert gateway.state("load-1") is State.UNDONE
        gateway.require_conserved()


async def test_an_ask_is_on_disk_before_it_leaves(tmp_path: Path) -> None:
    async with opened("columns", tmp_path / "journal.sqlite3") as gateway:
        seen: list[State] = []
        take = gateway.house.bank.books.take

        def looking(*asked: Any) -> tuple[str, str]:
            seen.append(gateway.state("load-1"))
            return take(*asked)

        gateway.house.bank.books.take = looking  # type: ignore[method-assign,assignment]  # it peeps
        await gateway.load("load-1")
        assert seen == [State.SENT]


async def test_a_stale_batch_is_signed_in_again_and_nothing_moves(tmp_path: Path) -> None:
    async with opened("pos", tmp_path / "journal.sqlite3") as gateway:
        await gateway.load("load-0")
        gateway.house.bank.pos.sessions[TERMINAL].batch += 1  # the bank began another one by itself
        entry = await gateway.load("load-1")
        assert (entry.standing.state, entry.code) == (State.FAILED, "77")
        assert (await gateway.load("load-2")).standing.state is State.BOOKED
        assert gateway.house.asked["0800"] == 2
        gateway.require_conserved()


async def test_keys_that_do_not_fit_let_nothing_be_asked(tmp_path: Path) -> None:
    async with opened("pos", tmp_path / "journal.sqlite3") as gateway:
        bank = gateway.desk._banks[gateway.profile.bank, TERMINAL]
        assert isinstance(bank, Partner)
        bank._secrets = Secrets(bytes(16))
        assert (await gateway.desk.sign_in(gateway.profile.bank, TERMINAL)).result is (
            Result.DECLINED
        )
        with pytest.raises(RefusedError, match="did not sign us in"):
            await gateway.load("load-1")
        assert gateway.house.moved == {}


async def test_one_terminal_asks_one_thing_at_a_time_and_ten_ask_ten(tmp_path: Path) -> None:
    orders = 40
    async with opened("columns", tmp_path / "one.sqlite3") as gateway:
        gateway.house.bank.delay_seconds = 0.005
        await asyncio.gather(*(gateway.load(f"load-{n}", 100) for n in range(orders)))
        assert gateway.house.bank.most_at_once == 1
        assert len(gateway.house.moved) == orders
        gateway.require_conserved()
    terminals = tuple(f"{n:08}" for n in range(10))
    async with opened("pos", tmp_path / "ten.sqlite3", terminals) as gateway:
        gateway.house.bank.delay_seconds = 0.02
        loads = (gateway.load(f"load-{n}", 100, terminal=terminals[n % 10]) for n in range(orders))
        taken = await asyncio.gather(*loads)
        assert {one.standing.state for one in taken} == {State.BOOKED}
        assert gateway.house.bank.most_at_once > 5
        assert gateway.house.asked == {"0800": 10, "0200": orders}
        gateway.require_conserved()


@pytest.mark.parametrize(
    "change,word",
    [
        ({"fen": 99}, "amount"),
        ({"fen": 50_001}, "amount"),
        ({"bank": "other"}, "unknown_bank"),
        ({"terminal": "00000009"}, "unknown_bank"),
        ({"verb": Verb.SETTLE}, "not_offered"),
    ],
)
async def test_what_is_not_allowed_is_neither_written_nor_asked(
    tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    async with opened("columns", tmp_path / "journal.sqlite3") as gateway:
        with pytest.raises(RefusedError) as raised:
            await gateway.load("load-1", **change)
        assert raised.value.word == word
        assert raised.value.zh
        assert gateway.journal.find("load-1") is None
        assert gateway.house.asked.total() == 0


async def test_a_day_has_a_most_and_hours(gateway: Gateway) -> None:
    for n in range(2):
        await gateway.load(f"load-{n}", 50_000)
    with pytest.raises(RefusedError) as raised:
        await gateway.load("load-2", 100)
    assert (raised.value.word, raised.value.zh) == ("day", "每天最多 1000.00 元。")
    gateway.now += 8 * 3600  # midnight
    with pytest.raises(RefusedError, match="Open from"):
        await gateway.load("load-3", 100)
    gateway.now += 9 * 3600
    assert (await gateway.load("load-4", 100)).standing.state is State.BOOKED


def test_after_the_cut_over_it_is_the_next_day() -> None:
    profile = profile_of("unionpay_pos")
    assert day_at(profile, AT).isoformat() == "2027-01-15"
    assert day_at(profile, AT + 7 * 3600 - 1).isoformat() == "2027-01-15"
    assert day_at(profile, AT + 7 * 3600).isoformat() == "2027-01-16"


async def test_a_line_nobody_answers_at_says_that_nothing_was_sent() -> None:
    line = Line(quick(profile_of("fixed_digest")), Address("127.0.0.1", 9))
    with pytest.raises(NotSentError):
        await line.exchange(b"x")
    assert not line.is_open
