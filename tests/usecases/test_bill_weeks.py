"""Weeks of traffic with everything that goes wrong: all of it is found, nothing is invented.

What must be found is written down as the traffic is made, by what was done and not by any code of
ours. Then every fen is either proven or named, and looking again changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random

import pytest

from backend.domain.bill_day import bounds_of
from backend.domain.difference import Way
from backend.domain.reconciliation import Cause
from backend.tables.bill import DifferenceRow
from backend.tables.payment import SuspenseRow
from backend.usecases.bills.approve_difference import Settling, approve_difference
from backend.usecases.bills.ask_difference import WayAsked, ask_difference
from backend.usecases.bills.list_in_transit import list_in_transit
from simulators.wechat_pay.reading import Body
from tests.faults.billing_driver import FIRST, SECOND
from tests.rig.billing import Billing, books_of_bills, stranger
from tests.rig.paying import Paying

DAYS = 4
PAYMENTS_MAX = 7
AFTER_MIDNIGHT_SECONDS = 3_600
TRANSIT = 3


@dataclass
class Week:
    """Traffic, and what has to be found of it."""

    billing: Billing
    random: Random
    expected: dict[tuple[date, str], Cause] = field(default_factory=dict)
    unproven: dict[str, int] = field(default_factory=dict)
    """What stays in transit though its day's bill is here, by number."""
    late: list[str] = field(default_factory=list)
    count: int = 0

    def fen(self) -> int:
        """An amount."""
        return self.random.randint(2, 100_000)

    def expect(self, number: str, cause: Cause) -> None:
        """Write down what has to be found of today."""
        self.expected[self.billing.today, number] = cause

    async def heard(self) -> None:
        """As it should be; sometimes told twice."""
        number = await self.billing.paid(self.fen())
        for _ in range(self.random.randint(0, 2)):
            await self.billing.hear(number)

    async def told_late(self) -> None:
        """After midnight."""
        number = await self.billing.paid(self.fen(), hear=False)
        self.late.append(number)
        self.expect(number, Cause.LATE_NOTICE)

    async def never_told(self) -> None:
        """The bill is the first to tell."""
        self.expect(await self.billing.paid(self.fen(), hear=False), Cause.LATE_NOTICE)

    async def never_paid(self) -> None:
        """Nothing to find."""
        await self.billing.order(self.fen())

    async def a_fen_off(self) -> None:
        """Credited, and the bill says one fen more or less."""
        fen = self.fen()
        number = await self.billing.paid(fen)
        off = self.random.choice((-1, 1))
        self.billing.paying.held(number).asked["amount"] = {"total": fen + off}
        self.unproven[number] = fen
        self.expect(number, Cause.AMOUNT)

    async def a_fen_off_and_never_told(self) -> None:
        """Not credited, and never by itself."""
        fen = self.fen()
        number = await self.billing.paid(fen, hear=False)
        self.billing.paying.held(number).asked["amount"] = {"total": fen + 1}
        self.expect(number, Cause.AMOUNT)

    async def other_payer(self) -> None:
        """The door does not take it."""
        number = await self.billing.paid(self.fen(), hear=False)
        self.billing.paying.held(number).asked["payer"] = {"openid": "o-other"}
        self.expect(number, Cause.HELD)

    async def forgotten(self) -> None:
        """Credited, and the bill does not have it."""
        fen = self.fen()
        number = await self.billing.paid(fen)
        self.billing.paying.held(number).transaction_id = ""
        self.unproven[number] = fen
        self.expect(number, Cause.UNPROVEN)

    async def not_ours(self) -> None:
        """A payment that nobody ordered."""
        self.count += 1
        number = f"shop-{self.count:06}"
        stranger(self.billing, self.fen(), number)
        self.expect(number, Cause.UNKNOWN)

    async def refunded_elsewhere(self) -> None:
        """A refund made on WeChat Pay's own site, of a payment of yesterday or today."""
        fen = self.fen()
        number = await self.billing.paid(fen)
        self.count += 1
        body = {
            "transaction_id": self.billing.paying.held(number).transaction_id,
            "out_refund_no": f"site-{self.count:06}",
            "amount": {"refund": self.random.randint(1, fen), "total": fen, "currency": "CNY"},
        }
        orders = self.billing.paying.sim.orders
        orders.refund(self.billing.paying.merchant, Body(body))
        self.expect(str(body["out_refund_no"]), Cause.UNKNOWN)

    async def day(self) -> date:
        """Traffic, the late notices after midnight, and the next morning."""
        day_on = self.billing.today
        kinds: tuple[Callable[[], Awaitable[None]], ...] = (
            *(self.heard, self.heard, self.heard, self.told_late, self.never_told),
            *(self.never_paid, self.a_fen_off, self.a_fen_off_and_never_told),
            *(self.other_payer, self.forgotten, self.not_ours, self.refunded_elsewhere),
        )
        for _ in range(self.random.randint(0, PAYMENTS_MAX)):
            await self.random.choice(kinds)()
            await self.billing.paying.advance(self.random.randint(0, 1_800))
        after_midnight = bounds_of(day_on)[1] + AFTER_MIDNIGHT_SECONDS
        await self.billing.paying.advance(after_midnight - self.billing.paying.at)
        for number in self.late:
            await self.billing.hear(number)
        self.late.clear()
        await self.billing.morning(day_on)
        return day_on


async def hold_all(billing: Billing) -> None:
    """Two people put everything that can be held into suspense."""
    parts = billing.paying.office.parts
    settling = Settling(parts.ledger, parts.clock, parts.randomness, parts.pay, billing.account)
    open_ones = DifferenceRow.filter(state="open").exclude(cause=Cause.UNPROVEN.value)
    for row in await open_ones.exclude(subject="funds"):
        await ask_difference(row.id, WayAsked(Way.HOLD, 0, "挂账"), FIRST, billing.paying.at)
        await approve_difference(settling, row.id, SECOND)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", range(5))
async def test_everything_is_found_and_nothing_invented(paying: Paying, seed: int) -> None:
    billing = Billing(paying, await paying.student("o-bill"))
    week = Week(billing, Random(seed))
    days = [await week.day() for _ in range(DAYS)]
    rows = await DifferenceRow.exclude(subject="funds")
    found = {(row.day_on, row.reference): row.cause for row in rows}
    wanted = {
        (int(day.strftime("%Y%m%d")), number): cause.value
        for (day, number), cause in week.expected.items()
    }
    assert found == wanted
    assert len(rows) == len(wanted)
    assert billing.balances().get(TRANSIT, 0) == -sum(week.unproven.values())
    page = await list_in_transit(billing.ledger, 0)
    assert {one.number: one.amount_fen for one in page.items} == week.unproven
    before, balances = await books_of_bills(), billing.balances()
    for day_on in days:
        await billing.reconcile(day_on)
    assert (await books_of_bills(), billing.balances()) == (before, balances)
    await hold_all(billing)
    forgotten = {
        number: fen
        for (_, number), cause in week.expected.items()
        for fen in (week.unproven.get(number, 0),)
        if cause is Cause.UNPROVEN
    }
    assert billing.balances().get(TRANSIT, 0) == -sum(forgotten.values())
    items = await SuspenseRow.filter(settled_by_id=0)
    assert sum(item.amount_fen for item in items) == -billing.balances().get(13, 0)
