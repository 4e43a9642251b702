"""Two people of the finance office who settle what differs."""

from __future__ import annotations

from datetime import date

from backend.domain.access import Actor, Audience, Role
from backend.domain.difference import Way
from backend.tables.bill import DifferenceRow
from backend.usecases.bills.approve_difference import Settling, approve_difference
from backend.usecases.bills.ask_difference import WayAsked, ask_difference
from tests.rig.billing import Billing, stranger

FIRST = Actor(Audience.STAFF, 1, "first", Role.FINANCE)
SECOND = Actor(Audience.STAFF, 2, "second", Role.FINANCE)


def settling(billing: Billing) -> Settling:
    """What an acceptance works with."""
    parts = billing.paying.office.parts
    return Settling(parts.ledger, parts.clock, parts.randomness, parts.pay, billing.account)


async def ask(billing: Billing, row: DifferenceRow, way: Way, named_id: int = 0) -> None:
    """The first person asks."""
    asked = WayAsked(way, named_id, "与付款人电话核实")
    await ask_difference(row.id, asked, FIRST, billing.paying.at)


async def settle(billing: Billing, row: DifferenceRow, way: Way, named_id: int = 0) -> None:
    """One asks, another accepts, and the day is looked at again."""
    await ask(billing, row, way, named_id)
    await approve_difference(settling(billing), row.id, SECOND)


async def one_unknown(billing: Billing, fen: int = 700) -> tuple[date, DifferenceRow]:
    """A day with a payment that nobody ordered, and its difference."""
    day_on = billing.today
    stranger(billing, fen)
    await billing.morning(day_on)
    (row,) = await billing.differences(day_on, "open")
    assert (row.cause, row.bill_fen, row.ours_fen) == ("unknown", fen, None)
    return day_on, row
