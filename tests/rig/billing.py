"""Days at WeChat Pay and the mornings after, for tests of bills: orders, payments, bills, books."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from backend.domain.bill_day import day_of
from backend.domain.wechat_pay import BillKind, Prepay
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.tables.bill import BillDayRow, BillRow, DifferenceRow, ProofRow
from backend.tables.bills import Reading
from backend.tables.ledger import Ledger
from backend.tables.top_up import TopUpRow
from backend.tables.top_ups import Applied, apply_told
from backend.tables.wechat_accounts import find_account
from backend.usecases.bills.fetch_bill import fetch_bill
from backend.usecases.bills.reconcile_day import Reconciled, reconcile_day
from campus_code.days import day_number
from simulators.wechat_pay.clock import BEIJING
from simulators.wechat_pay.faults import mended
from simulators.wechat_pay.orders import Order
from simulators.wechat_pay.reading import Body
from tests.rig.office import Student
from tests.rig.paying import Paying
from tests.rig.raw_books import select
from tests.rig.wechat_pay import APP_ID, MCHID

BY = "staff:9"
TEN = time(10, 0, 1)

_numbers = itertools.count(1)


@dataclass
class Billing:
    """A school that takes top-ups, and the clerk's next morning."""

    paying: Paying
    student: Student
    numbers: list[str] = field(default_factory=list)

    @property
    def ledger(self) -> Ledger:
        """The office's own."""
        return self.paying.office.parts.ledger

    @property
    def account(self) -> WechatPayAccount:
        """The merchant's."""
        known = self.paying.office.parts.config.pay
        assert known is not None
        return known

    @property
    def today(self) -> date:
        """In Beijing."""
        return day_of(self.paying.at)

    def reading(self, day_on: date, kind: BillKind = BillKind.TRADE) -> Reading:
        """What a day's bill is read with."""
        return Reading(kind, day_on, self.account)

    async def order(self, fen: int = 5_000, student: Student | None = None) -> str:
        """An order that stands at both sides and is not paid; its number."""
        student = student or self.student
        openid = self.paying.openids[student.session]
        number = f"tu-bill-{next(_numbers)}"
        row = await TopUpRow.create(
            out_trade_no=number,
            request_key=f"key-{number}",
            holder_id=student.holder_id,
            payer=f"student:{student.card_id}",
            wechat_id=await find_account(openid),
            app_id=APP_ID,
            mchid=MCHID,
            amount_fen=fen,
            state="pending",
            started_at=self.paying.at,
            expires_at=self.paying.at + 1800,
        )
        expires_at = self.paying.at + 1800
        await self.paying.office.parts.pay.prepay(
            Prepay(row.out_trade_no, fen, openid, "校园卡充值", expires_at)
        )
        self.numbers.append(number)
        return number

    async def pay(self, number: str, *, hear: bool = True) -> Order:
        """The payer pays; whether we hear of it is the test's choice, and never by a notice."""
        self.paying.plan(what="notices", kind="never")
        self.paying.pay(number)
        if hear:
            await self.hear(number)
        return self.paying.held(number)

    async def hear(self, number: str) -> Applied:
        """Ask WeChat Pay, as the worker does for a silent order."""
        told = await self.paying.office.parts.pay.find(number)
        return await apply_told(self.ledger, self.paying.office.clock, told, "query")

    async def paid(self, fen: int = 5_000, *, hear: bool = True) -> str:
        """Ordered and paid."""
        number = await self.order(fen)
        await self.pay(number, hear=hear)
        return number

    async def morning_after(self, day_on: date) -> None:
        """Sleep until its bill is made."""
        ready = datetime.combine(day_on + timedelta(days=1), TEN, BEIJING).astimezone(UTC)
        await self.paying.advance(max(ready.timestamp() - self.paying.at, 0))

    async def fetch(self, day_on: date) -> None:
        """Both bills of a day."""
        for kind in BillKind:
            pay = self.paying.office.parts.pay
            await fetch_bill(pay, self.reading(day_on, kind), by=BY, at=self.paying.at)

    async def reconcile(self, day_on: date, ledger: Ledger | None = None) -> Reconciled:
        """Hold the day against the books."""
        clock = self.paying.office.clock
        return await reconcile_day(ledger or self.ledger, clock, self.reading(day_on), by=BY)

    async def morning(self, day_on: date) -> Reconciled:
        """The whole of it."""
        await self.morning_after(day_on)
        await self.fetch(day_on)
        return await self.reconcile(day_on)

    async def differences(self, day_on: date, *states: str) -> list[DifferenceRow]:
        """What differs on a day, in these states or any."""
        query = DifferenceRow.filter(day_on=day_number(day_on)).order_by("id")
        rows = await (query.filter(state__in=states) if states else query)
        return list(rows)

    async def causes(self, day_on: date, *states: str) -> list[tuple[str, str]]:
        """The same, as (cause, number)."""
        rows = await self.differences(day_on, *states)
        return [(row.cause, row.reference) for row in rows if row.subject != "funds"]

    def raw_bill(self, day_on: date, kind: str = "tradebill", fault: str = "") -> bytes:
        """What WeChat Pay would hand out, as text."""
        query = {"bill_date": day_on.isoformat()}
        merchant = self.paying.merchant
        token, _ = self.paying.sim.bills.order(merchant, kind, query, mended(fault))
        return self.paying.sim.bills.fetch(merchant, token)

    def balances(self) -> dict[int, int]:
        """Account → fen, re-added from raw postings."""
        (postings,) = select(
            self.paying.url, "SELECT source_id, target_id, amount_fen FROM posting"
        )
        found: dict[int, int] = {}
        for source, target, fen in postings:
            found[source] = found.get(source, 0) - fen
            found[target] = found.get(target, 0) + fen
        return found


def stranger(billing: Billing, fen: int, number: str = "shop-000001") -> Order:
    """A payment to the school's merchant number that no order of ours stands for."""
    body = {
        "appid": APP_ID,
        "mchid": MCHID,
        "description": "校园超市",
        "out_trade_no": number,
        "notify_url": "https://shop.example.edu/n",
        "amount": {"total": fen},
        "payer": {"openid": "o-stranger"},
    }
    orders = billing.paying.sim.orders
    orders.prepay(billing.paying.merchant, Body(body))
    order = orders.find(billing.paying.merchant, number)
    orders.pay(order, "o-stranger")
    return order


async def books_of_bills() -> dict[str, Any]:
    """Everything that reconciling writes, to see that it writes no more."""
    return {
        "days": await BillDayRow.all().order_by("id").values("id", "proven_fen", "fee_fen"),
        "proofs": await ProofRow.all().order_by("proves_id").values(),
        "bills": await BillRow.all().order_by("id").values("id", "text_hash"),
        "differences": await DifferenceRow.all().order_by("id").values("id", "state", "cause"),
    }
