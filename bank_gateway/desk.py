"""Where orders are taken: written down, asked, answered, booked; and undone when they must be.

A terminal has one ask under way. What is unknown at it is undone before anything new is asked,
where the bank wants that. What a bank approved is told to the school's books until they have it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bank_gateway import states
from bank_gateway.asking import Answer, Ask, Key, Result, Verb
from bank_gateway.journal import Entry, Journal, Order
from bank_gateway.profile import Profile
from bank_gateway.states import OVERDUE_SECONDS, Act, State, Undoing


class Bank(Protocol):
    """A bank as a terminal sees it; raises nothing."""

    @property
    def profile(self) -> Profile:
        """What its line is like."""

    @property
    def is_signed_in(self) -> bool:
        """Whether it can be asked for money."""

    async def ask(self, ask: Ask) -> Answer:
        """Ask, and read the answer."""


class Booking(StrEnum):
    """What the school's books say of money that a bank has moved."""

    BOOKED = "booked"
    REFUSED = "refused"
    AWAY = "away"


class Books(Protocol):
    """The school's books, idempotent by order id; raises nothing."""

    async def book(self, entry: Entry) -> Booking:
        """Book what the bank has moved; again, and it is booked once."""


@dataclass
class RefusedError(Exception):
    """An order that was not taken: nothing was written, nothing asked. `word` is for programs."""

    word: str
    zh: str
    en: str

    def __str__(self) -> str:
        """The English sentence."""
        return self.en


Terminal = tuple[str, str]
"""(bank, terminal)."""


class Desk:
    """All terminals at all banks. Made anew at each start: call `start` before anything else."""

    def __init__(
        self,
        journal: Journal,
        banks: Mapping[Terminal, Bank],
        books: Books,
        clock: Callable[[], float],
    ) -> None:
        """Nothing is sent."""
        self._journal, self._banks, self._books, self._clock = journal, banks, books, clock
        self._taken: dict[Terminal, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: Counter[Terminal] = Counter()

    @property
    def _at(self) -> int:
        return int(self._clock())

    def start(self) -> int:
        """Put what was under way when the last process ended into doubt; how many."""
        found = 0
        for entry in self._journal.open_ones():
            after = states.restart(entry.standing, self._undoing(entry))
            if after != entry.standing:
                self._journal.write(entry, after, self._at)
                found += 1
        return found

    def place_for(self, bank: str, order_id: str) -> str:
        """The terminal an order goes to: its own, if it was told before, else the least busy one.

        "" for a bank that is none; `take` refuses such an order.
        """
        found = self._journal.find(order_id)
        if found is not None:
            return found.key.terminal
        places = [place for place in sorted(self._banks) if place[0] == bank]
        return min(places, key=lambda place: self._waiting[place])[1] if places else ""

    async def take(self, order: Order) -> Entry:
        """Take an order to its answer. The same order again gets what became of the first.

        Raises:
            RefusedError: not now, not that much, or not at this bank; nothing was asked.
            OrderConflictError: the order id stands for something else.

        """
        place = (order.bank, order.terminal)
        bank = self._bank(place)
        self._waiting[place] += 1
        try:
            async with self._taken[place]:
                entry = await self._taken_once(order, place, bank)
        finally:
            self._waiting[place] -= 1
        return await self._book(entry) if entry.standing.state is State.APPROVED else entry

    async def _taken_once(self, order: Order, place: Terminal, bank: Bank) -> Entry:
        found = self._journal.find(order.order_id)
        if found is not None:
            entry, _ = self._journal.add(order, found.key.day, self._at)
            return entry
        self._require_allowed(order, bank.profile)
        await self._make_ready(place, bank)
        return await self._ask(order, bank)

    async def sweep(self) -> Counter[str]:
        """Book what waits, undo what is in doubt and due; counted by what came of it."""
        done: Counter[str] = Counter()
        for entry in self._journal.open_ones():
            if entry.standing.state is State.APPROVED:
                done[(await self._book(entry)).standing.state.value] += 1
            elif entry.standing.state is State.UNDOING:
                done[(await self._undo_when_due(entry)).standing.state.value] += 1
        return done

    async def sign_in(self, bank: str, terminal: str) -> Answer:
        """Sign a terminal in: a new batch and new keys."""
        place = (bank, terminal)
        partner = self._bank(place)
        async with self._taken[place]:
            return await self._sign_in(place, partner)

    async def operate(self, bank: str, terminal: str, verb: Verb) -> Answer:
        """An operator's deed that moves no money: an echo, or signing out."""
        place = (bank, terminal)
        partner = self._bank(place)
        async with self._taken[place]:
            at, batch = self._at, self._journal.batch(*place)
            key = Key(*place, day_at(partner.profile, at), batch, self._journal.trace(*place))
            return await partner.ask(Ask(verb, key, at))

    @contextlib.asynccontextmanager
    async def held(self, bank: str) -> AsyncIterator[None]:
        """Nothing is asked of a bank while this lasts: its day is being settled."""
        async with contextlib.AsyncExitStack() as stack:
            for place in sorted(self._banks):
                if place[0] == bank:
                    await stack.enter_async_context(self._taken[place])
            yield

    def overdue(self) -> list[Entry]:
        """What has had no end for too long: people must look."""
        at = self._at
        waiting = self._journal.changed_before(at - OVERDUE_SECONDS)
        return [one for one in waiting if states.is_overdue(one.standing, one.changed_at, at)]

    async def _ask(self, order: Order, bank: Bank) -> Entry:
        at = self._at
        entry, _ = self._journal.add(order, day_at(bank.profile, at), at)
        entry = self._journal.write(entry, states.send(entry.standing), at)
        answer = await bank.ask(entry.ask(at))
        after, _ = states.answer(entry.standing, answer.result, answer.doubt)
        entry = self._journal.write(entry, after, self._at, answer)
        return replace(entry, order=replace(entry.order, pin=""))

    async def _book(self, entry: Entry) -> Entry:
        said = await self._books.book(entry)
        if said is Booking.AWAY:
            return entry
        after = (states.book if said is Booking.BOOKED else states.refuse)(entry.standing)
        return self._journal.write(entry, after, self._at)

    async def _make_ready(self, place: Terminal, bank: Bank) -> None:
        """Undo what must be undone first, and sign in. Raises RefusedError: it cannot be now."""
        if not bank.is_signed_in and (await self._sign_in(place, bank)).result is not (
            Result.APPROVED
        ):
            raise RefusedError(
                "not_signed_in",
                "银行签到未成功，请稍后再试。",
                "The bank did not sign us in; try later.",
            )
        if not bank.profile.undoing.is_before_next:
            return
        for entry in self._journal.open_ones(*place):
            if entry.standing.state is State.UNDOING and not self._waits_for_file(entry, bank):
                after = await self._undo(entry, bank)
                if after.standing.state is State.UNDOING:
                    raise RefusedError(
                        "undoing",
                        "上一笔结果待核实，请稍后再试。",
                        "An earlier request is still being checked; try later.",
                    )

    async def _undo_when_due(self, entry: Entry) -> Entry:
        place = (entry.key.bank, entry.key.terminal)
        bank = self._bank(place)
        async with self._taken[place]:
            found = self._journal.find(entry.order.order_id)
            if found is None or found.standing.state is not State.UNDOING:
                return found or entry
            is_due = found.changed_at + bank.profile.undoing.seconds <= self._at
            if found.standing.tries and not is_due:
                return found
            if not bank.is_signed_in:
                await self._sign_in(place, bank)
            found = await self._undo(found, bank)
        return await self._book(found) if found.standing.state is State.APPROVED else found

    async def _undo(self, entry: Entry, bank: Bank) -> Entry:
        """Ask what became of it where that comes first, then reverse it. Holds the terminal."""
        undoing = self._undoing(entry)
        if states.next_act(entry.standing, undoing) is Act.QUERY:
            answer = await bank.ask(self._about(entry, Verb.QUERY))
            is_ours = answer.amount_fen in {None, entry.order.amount_fen}
            after = states.query(entry.standing, answer.result if is_ours else Result.UNKNOWN)
            entry = self._journal.write(entry, after, self._at, _stood(answer))
        if states.next_act(entry.standing, undoing) is not Act.REVERSE:
            return entry
        if self._waits_for_file(entry, bank):
            return entry
        begun = states.begin_reversal(entry.standing, undoing)
        entry = self._journal.write(entry, begun, self._at)
        if entry.standing != begun:
            return entry
        answer = await bank.ask(self._about(entry, Verb.REVERSE))
        after = states.end_reversal(entry.standing, answer.result, undoing)
        return self._journal.write(entry, after, self._at)

    def _waits_for_file(self, entry: Entry, bank: Bank) -> bool:
        """Whether the bank has cut the ask's day: its file would miss what a reversal did now."""
        return entry.key.day < day_at(bank.profile, self._at)

    def _about(self, entry: Entry, verb: Verb) -> Ask:
        """An ask about an earlier one, with a trace of its own."""
        trace = self._journal.trace(entry.key.bank, entry.key.terminal)
        key = replace(entry.key, trace=trace)
        return replace(
            entry.ask(self._at),
            verb=verb,
            key=key,
            original=entry.key,
            doubt=entry.standing.doubt,
            pin="",
        )

    async def _sign_in(self, place: Terminal, bank: Bank) -> Answer:
        at = self._at
        trace = self._journal.trace(*place)
        key = Key(*place, day_at(bank.profile, at), self._journal.batch(*place), trace)
        answer = await bank.ask(Ask(Verb.SIGN_IN, key, at))
        if answer.result is Result.APPROVED and answer.batch is not None:
            self._journal.begin_batch(*place, answer.batch)
        return answer

    def _require_allowed(self, order: Order, profile: Profile) -> None:
        """Raise RefusedError unless the bank does such a thing now, and that much."""
        if order.verb not in profile.messages:
            raise RefusedError(
                "not_offered", "该银行不支持此业务。", "This bank does not offer that."
            )
        limits, at = profile.limits, self._at
        now = (datetime.fromtimestamp(at, UTC) + _offset(profile)).time()
        if not limits.opens <= now < limits.closes:
            raise RefusedError(
                "closed",
                f"服务时间为 {limits.opens:%H:%M}～{limits.closes:%H:%M}。",
                f"Open from {limits.opens:%H:%M} to {limits.closes:%H:%M}.",
            )
        if not limits.load_fen_min <= order.amount_fen <= limits.load_fen_max:
            low, high = _yuan(limits.load_fen_min), _yuan(limits.load_fen_max)
            raise RefusedError(
                "amount", f"每次 {low}～{high} 元。", f"From {low} to {high} yuan at once."
            )
        asked = self._journal.fen_of(order.bank, day_at(profile, at), order.account)
        if order.verb is Verb.LOAD and asked + order.amount_fen > limits.day_fen_max:
            most = _yuan(limits.day_fen_max)
            raise RefusedError("day", f"每天最多 {most} 元。", f"At most {most} yuan a day.")

    def _bank(self, place: Terminal) -> Bank:
        bank = self._banks.get(place)
        if bank is None:
            raise RefusedError("unknown_bank", "没有这家银行的终端。", "No such bank or terminal.")
        return bank

    def _undoing(self, entry: Entry) -> Undoing:
        undoing = self._bank((entry.key.bank, entry.key.terminal)).profile.undoing
        return Undoing(undoing.tries, undoing.how == "query_then_reverse")


def day_at(profile: Profile, at: int) -> date:
    """The bank's accounting day at a second: after the cut-over it is the next one's."""
    local = datetime.fromtimestamp(at, UTC) + _offset(profile)
    return local.date() + timedelta(days=int(local.time() >= profile.cut_over))


def _offset(profile: Profile) -> timedelta:
    return timedelta(hours=profile.utc_offset_hours)


def _yuan(fen: int) -> str:
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}"


def _stood(answer: Answer) -> Answer | None:
    """What a query says is kept only where the ask stands; otherwise it is about nothing."""
    return answer if answer.result is Result.APPROVED else None
