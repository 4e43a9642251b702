"""The finance office of a served school: two clerks, paid top-ups, and the worker's job."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from backend.domain.access import Role
from backend.tables.account import AccountRow
from backend.tables.top_up import LotRow, RefundRow
from backend.usecases.refunds.do_refunds import do_refunds
from simulators.wechat_pay.orders import Refund
from tests.rig.office import Student
from tests.rig.paying import Paying
from tests.rig.wechat_pay import MCHID

Json = dict[str, Any]

_keys = itertools.count(1)


@dataclass
class Desk:
    """`clerk` asks, `other` approves."""

    paying: Paying
    clerk: dict[str, str]
    other: dict[str, str]

    async def post(
        self, path: str, body: Json | None = None, who: dict[str, str] | None = None
    ) -> httpx.Response:
        """POST as the clerk, or as somebody else."""
        headers = who or self.clerk
        return await self.paying.http.post(path, json=body or {}, headers=headers)

    async def get(self, path: str, who: dict[str, str] | None = None) -> Json:
        """GET what must be there."""
        answer = await self.paying.http.get(path, headers=who or self.clerk)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    async def top_up(self, student: Student, fen: int) -> LotRow:
        """Order, pay, be told: a lot."""
        body = {"request_key": f"desk-{next(_keys):06}", "amount_fen": fen}
        answer = await self.post("/student/top-ups", body, student.headers)
        assert answer.status_code == 201, answer.text
        number = answer.json()["number"]
        self.paying.pay(number)
        await self.paying.advance(0)
        return await LotRow.get(reference=number)

    async def ask(self, lot: LotRow, fen: int, **changes: object) -> httpx.Response:
        """Ask for a refund."""
        body = {"request_key": f"desk-{next(_keys):06}", "lot_id": lot.id, "amount_fen": fen}
        return await self.post("/staff/top-up-refunds", {**body, "reason": "家长申请", **changes})

    async def booked(self, lot: LotRow, fen: int) -> RefundRow:
        """A refund that two people want."""
        told = await self.ask(lot, fen)
        assert told.status_code == 201, told.text
        refund_id = told.json()["refund_id"]
        done = await self.post(f"/staff/top-up-refunds/{refund_id}/approvals", who=self.other)
        assert (done.status_code, done.json()["state"]) == (201, "booked"), done.text
        return await RefundRow.get(id=refund_id)

    async def work(self, seconds: float = 0) -> Counter[str]:
        """Let time go by, and the worker do its job once."""
        if seconds:
            await self.paying.advance(seconds)
        parts = self.paying.office.parts
        return await do_refunds(parts.ledger, parts.pay, parts.clock)

    def held(self, row: RefundRow) -> Refund | None:
        """The refund as WeChat Pay holds it."""
        return self.paying.sim.orders.refunds.get((MCHID, row.out_refund_no))

    async def balance(self, student: Student) -> int:
        """The cash purse, in fen."""
        row = await AccountRow.get(holder_id=student.holder_id, purse="cash")
        fen: int = row.balance_fen
        return fen


async def open_desk(paying: Paying) -> Desk:
    """Hire two clerks."""
    clerk = await paying.office.staff(Role.FINANCE)
    return Desk(paying, clerk, await paying.office.staff(Role.FINANCE))
