"""Lots under anything that can happen to a purse, in any order: on paper, and in the books."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.domain.correction import CorrectionKind
from backend.domain.errors import XiaomaError
from backend.domain.lot import Lot, Origin, remaining, unlotted_fen
from backend.domain.refund import (
    NotRefundable,
    Part,
    Purse,
    cash_fen,
    judge_refund_of,
    parts_in_cash,
    parts_to_wechat,
    total_fen,
)
from backend.domain.wechat_pay import RefundStatus
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.payment import CorrectionRow, PaymentRow
from backend.tables.top_up import LotRow, RefundRow
from backend.usecases.drawers.ask_cash_out import CashOutAsked, ask_cash_out
from backend.usecases.drawers.decide_cash_out import decide_cash_out
from backend.usecases.drawers.open_drawer import open_drawer
from backend.usecases.ledger.credit_by_hand import CreditAsked, credit_by_hand
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from tests.rig.campus import NOON, Campus, open_campus
from tests.rig.raw_books import assert_sound
from tests.rig.refunding import CLERK, OTHER, booked, leaving_for, purse_of, tell, top_up

KINDS = ("wechat", "cash", "spend", "lunch back", "refund", "undo", "cash out", "old money")
fens = st.integers(1, 900)
places = st.integers(0, 5)
steps = st.lists(st.tuples(st.sampled_from(KINDS), places, fens), max_size=30)


def within(purse: Purse, kind: str, place: int, fen: int) -> int:
    """So much as can go, so that most steps do something; one in ten asks for more."""
    if fen % 10 == 0:
        return fen
    lots = purse.left()
    fen_max = cash_fen(purse, NOON)
    if kind == "refund":
        fen_max = lots[place].left_fen if place < len(lots) else 0
    return min(fen, fen_max) or fen


@dataclass
class Paper:
    """A purse on paper: what a posting would do, by the same pure rules."""

    balance_fen: int = 0
    lots: list[Lot] = field(default_factory=list)
    spent_fen: int = 0
    refunds: list[Part] = field(default_factory=list)

    @property
    def purse(self) -> Purse:
        return Purse(self.balance_fen, 0, 0, tuple(self.lots))

    def left(self) -> list[int]:
        return [one.left_fen for one in self.purse.left()]

    def step(self, kind: str, place: int, fen: int) -> None:
        """One thing that happens, if it can."""
        if kind in {"wechat", "cash"}:
            number = len(self.lots) + 1
            self.lots.append(Lot(number, Origin(kind), fen, 0, NOON, f"order-{number}"))
            self.balance_fen += fen
        elif kind == "old money":
            self.balance_fen += fen if not self.lots else 0  # there was none after the first lot
        elif kind == "spend":
            part = min(fen, self.balance_fen)
            self.balance_fen -= part
            self.spent_fen += part
        elif kind == "lunch back":
            part = min(fen, self.spent_fen)
            self.balance_fen += part
            self.spent_fen -= part
        elif kind == "undo" and self.refunds:
            self._return(self.refunds.pop(place % len(self.refunds)), -1)
        elif kind in {"refund", "cash out"}:
            self._send_back(kind, place, fen)

    def _send_back(self, kind: str, place: int, fen: int) -> None:
        fen = within(self.purse, kind, place, fen)
        try:
            if kind == "cash out":
                for part in parts_in_cash(self.purse, fen, NOON):
                    self._return(part, 1)
                return
            lot_id = place + 1
            judge_refund_of(self.purse, lot_id, fen, 0, NOON)
        except XiaomaError:
            return
        self._return(Part(lot_id, fen), 1)
        self.refunds.append(Part(lot_id, fen))

    def _return(self, part: Part, sign: int) -> None:
        self.balance_fen -= sign * part.amount_fen
        for index, lot in enumerate(self.lots):
            if lot.id == part.lot_id:
                returned_fen = lot.returned_fen + sign * part.amount_fen
                self.lots[index] = replace(lot, returned_fen=returned_fen)


@given(steps)
def test_every_fen_knows_its_lot_whatever_happens(taken: list[tuple[str, int, int]]) -> None:
    paper = Paper()
    for kind, place, fen in taken:
        before, old_fen = paper.left(), unlotted_fen(paper.balance_fen, paper.lots)
        paper.step(kind, place, fen)
        after = paper.left()
        unlotted = unlotted_fen(paper.balance_fen, paper.lots)
        assert paper.balance_fen >= 0
        assert sum(after) + unlotted == paper.balance_fen
        for lot, left_fen in zip(paper.lots, after, strict=True):
            assert 0 <= left_fen <= lot.amount_fen - lot.returned_fen <= lot.amount_fen
        shrunk = [at for at, fen_before in enumerate(before) if after[at] < fen_before]
        if kind == "spend":
            for at in shrunk:
                assert unlotted == 0
                assert not any(after[:at]), "a newer lot before an older one"
        if kind in {"refund", "undo"}:
            lost = sum(before[at] - after[at] for at in shrunk)
            assert len(shrunk) <= (kind == "refund")
            assert lost <= fen
            assert unlotted == old_fen or kind == "undo"
        if kind == "cash out":
            assert not any(paper.lots[at].origin is Origin.WECHAT for at in shrunk)
        back = total_fen(parts_to_wechat(paper.purse, {}, NOON))
        assert back + cash_fen(paper.purse, NOON) == paper.balance_fen, "all of it can go back"


@given(st.lists(st.tuples(st.booleans(), fens), max_size=40))
def test_spending_is_first_in_first_out(taken: list[tuple[bool, int]]) -> None:
    """Against a queue that is written down, as nobody writes it in the books."""
    queue: list[list[int]] = []
    lots: list[Lot] = []
    for is_spending, fen in taken:
        if not is_spending:
            queue.append([fen])
            lots.append(Lot(len(lots) + 1, Origin.WECHAT, fen, 0, NOON, f"order-{len(lots)}"))
            continue
        left_fen = fen
        for entry in queue:
            part = min(entry[0], left_fen)
            entry[0] -= part
            left_fen -= part
    balance_fen = sum(entry[0] for entry in queue)
    assert [one.left_fen for one in remaining(balance_fen, lots)] == [entry[0] for entry in queue]


@given(st.integers(0, 500), st.integers(-200, 200), st.integers(0, 500), fens)
def test_never_below_the_floor_nor_what_is_owed(
    balance_fen: int, floor_fen: int, owed_fen: int, fen: int
) -> None:
    purse = Purse(balance_fen, floor_fen, owed_fen, (Lot(1, Origin.WECHAT, 900, 0, NOON, "order"),))
    (part,) = parts_to_wechat(purse, {}, NOON) or (Part(1, 0),)
    assert part.amount_fen <= max(balance_fen - max(floor_fen, 0) - owed_fen, 0)
    try:
        judge_refund_of(purse, 1, fen, 0, NOON)
    except NotRefundable:
        assert fen > part.amount_fen
    else:
        assert fen <= part.amount_fen


@pytest.mark.timeout(300)
@settings(
    max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(taken=st.lists(st.tuples(st.sampled_from(KINDS[:-1]), places, fens), max_size=12))
def test_the_books_say_the_same(
    taken: list[tuple[str, int, int]], sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "lots.sqlite3"
    for one in tmp_path.glob("lots.sqlite3*"):
        one.unlink()
    shutil.copyfile(sqlite_template, path)
    asyncio.run(_in_the_books(f"sqlite://{path}", taken))


async def _in_the_books(url: str, taken: list[tuple[str, int, int]]) -> None:
    parsed = DatabaseUrl.parse(url)
    await open_tables(parsed)
    campus = await open_campus(parsed)
    try:
        books = _Books(campus, await campus.holder(0), await campus.terminal())
        await open_drawer(0, CLERK, NOON)
        paper = Paper()
        for number, (kind, place, fen) in enumerate(taken):
            campus.now += 60
            await books.step(kind, place, fen, number)
            paper.step(kind, place, fen)
            purse = await purse_of(campus, books.holder)
            assert purse.balance_fen == paper.balance_fen
            assert [one.left_fen for one in purse.left()] == paper.left()
        await leaving_for(campus, books.holder)
        assert (await verify_ledger(campus.ledger)).findings == []
        assert_sound(url, campus.sent)
    finally:
        await campus.ledger.close()
        await close_tables()


@dataclass
class _Books:
    """The same steps by the true use cases."""

    campus: Campus
    holder: int
    till: int
    booked: list[RefundRow] = field(default_factory=list)

    async def step(self, kind: str, place: int, fen: int, number: int) -> None:
        """One thing that happens, if it can."""
        campus, key = self.campus, f"lots-{number:06}"
        if kind == "wechat":
            await top_up(campus, self.holder, fen)
        elif kind == "cash":
            asked = CreditAsked(key, self.holder, "cash", fen, "现金")
            await credit_by_hand(campus.ledger, campus.clock, asked, CLERK)
        elif kind == "spend":
            part = min(fen, await campus.balance(self.holder))
            if part:
                (paid,) = await campus.post(campus.tap(self.till, self.holder, part))
                assert paid.is_approved, paid
        elif kind == "lunch back":
            await self._give_lunches_back(fen, key)
        elif kind == "undo" and self.booked:
            row = self.booked.pop(place % len(self.booked))
            assert (await tell(campus, row, RefundStatus.CLOSED)).is_changed
        elif kind == "refund":
            await self._refund(place, fen)
        elif kind == "cash out":
            await self._pay_out(fen, key)

    async def _give_lunches_back(self, fen: int, key: str) -> None:
        """So much of what was spent, payment by payment."""
        campus, at = self.campus, int(self.campus.now)
        for row in await PaymentRow.all().order_by("id"):
            given = sum(one.amount_fen for one in await CorrectionRow.filter(payment_id=row.id))
            part = min(fen, row.charged_fen - given)
            if part:
                name = f"{key}-{row.id}"
                asked = CorrectionAsked(name, row.id, CorrectionKind.REFUND, part, "多收")
                request_id = await ask_correction(asked, CLERK, at)
                await approve_correction(campus.ledger, campus.clock, request_id, OTHER)
                fen -= part

    async def _refund(self, place: int, fen: int) -> None:
        lots = await LotRow.all().order_by("posted_at", "id")
        if place < len(lots):
            fen = within(await purse_of(self.campus, self.holder), "refund", place, fen)
            try:
                self.booked.append(await booked(self.campus, lots[place], fen))
            except NotRefundable:
                return

    async def _pay_out(self, fen: int, key: str) -> None:
        campus = self.campus
        fen = within(await purse_of(campus, self.holder), "cash out", 0, fen)
        asked = CashOutAsked(key, self.holder, fen, "取现")
        try:
            row = await ask_cash_out(campus.ledger, asked, CLERK, int(campus.now))
        except NotRefundable:
            return
        await decide_cash_out(campus.ledger, campus.clock, row.id, OTHER, is_approved=True)
