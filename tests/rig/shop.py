"""A shop with real tills over real HTTP, and everything they sent."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.domain.accounts import SchoolAccount
from backend.tables.accounts import open_payable
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.terminals.make_enrolment import make_enrolment
from campus_code import (
    RecordKind,
    RecordSet,
    TerminalRecord,
    issue_code,
    sign_record_set,
    step_at,
)
from campus_code.record import FIRST_HASH, RECORDS_MAX
from tests.rig.device import Device
from tests.rig.office import SYSTEM, Office, Student
from tests.rig.raw_books import Rows, select

Json = dict[str, Any]


@dataclass
class Sent:
    """What a till sent; `tests.rig.raw_books.Sent`."""

    terminal_id: int
    sequence: int
    reverses: int = 0


@dataclass
class Shop:
    """An office, its tills, and everything they sent."""

    office: Office
    url: str
    ledger: Ledger
    sent: list[Sent] = field(default_factory=list)

    async def till(self, name: str = "Noodles") -> Device:
        """Enrol one more till."""
        merchant, is_new = await MerchantRow.get_or_create(name=name)
        if is_new:
            await open_payable(merchant.id)
        made = await make_enrolment(
            name,
            merchant.id,
            "canteen",
            rules=self.office.parts.rules.bundle,
            actor=SYSTEM,
            at=self.office.at,
            randomness=os.urandom,
        )
        device = Device()
        assert (await device.enrol(self.office.http, f"xm1:x|{made.token}")).status_code == 201
        opened = await device.open_session(self.office.http, self.office.at)
        assert opened.status_code == 201, opened.text
        return device

    async def student(self, cash_fen: int = 10_000) -> Student:
        """Bind a phone and put money into its purse."""
        student = await self.office.student()
        paid = [(student.holder_id, cash_fen)]
        await credit_purse(self.ledger, "cash", SchoolAccount.OPENING, paid)
        return student

    def code(self, student: Student, at: int = 0) -> str:
        """What a phone shows."""
        return issue_code(student.secrets[0], at or self.office.at)

    async def pay(self, till: Device, credential: str, asked: object, **more: object) -> Json:
        """A tap that must be answered 200."""
        answer = await self.try_to_pay(till, credential, asked, **more)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    async def try_to_pay(
        self, till: Device, credential: str, asked: object, **more: object
    ) -> httpx.Response:
        """A tap, whatever comes of it."""
        body: Json = {
            "sequence": len(self.sent) + 1,
            "credential": credential,
            "credential_kind": "code",
            "asked_fen": asked,
            **more,
        }
        self.sent.append(Sent(till.terminal_id, body["sequence"]))
        return await till.post(self.office.http, "/terminal/payments", body)

    def balance(self, student: Student) -> int:
        """The cash purse's column."""
        code = f"purse:{student.holder_id}:cash"
        ((row,),) = select(self.url, f"SELECT balance_fen FROM account WHERE code='{code}'")
        fen: int = row[0]
        return fen


@dataclass
class Book:
    """A till's journal of true records."""

    shop: Shop
    till: Device
    records: list[TerminalRecord] = field(default_factory=list)

    def pay(self, student: Student, fen: int, at: int) -> None:
        """One payment approved offline with the code of that second."""
        secrets = student.secrets[0]
        self.records.append(
            TerminalRecord(
                sequence=len(self.records) + 1,
                kind=RecordKind.PAYMENT,
                credential=issue_code(secrets, at),
                step=step_at(at),
                epoch=secrets.epoch,
                card_number=student.card_number,
                issue=secrets.issue,
                occurred_at=at,
                group_id="canteen",
                class_id=1,
                asked_fen=fen,
                nominal_fen=fen,
                discount_fen=0,
                fee_fen=0,
                charged_fen=fen,
                period_id="lunch",
                business_on=20260101,
                was_online=False,
                has_pin=False,
                reverses=0,
                sync_age_seconds=60,
                rules_version=1,
                denylist_version=0,
                directory_version=0,
            )
        )

    def signed(self, start: int = 0, end: int = RECORDS_MAX, terminal_id: int = 0) -> bytes:
        """The document of a slice, with the true hash of the chain before it."""
        mine = terminal_id or self.till.terminal_id
        before = FIRST_HASH
        if start:
            before = RecordSet(mine, FIRST_HASH, tuple(self.records[:start])).last_hash
        records = RecordSet(mine, before, tuple(self.records[start:end]))
        return sign_record_set(records, self.shop.office.at, self.till.signing)

    async def upload(self, raw: bytes) -> httpx.Response:
        """Send a document."""
        self.shop.sent += [Sent(self.till.terminal_id, one.sequence) for one in self.records]
        headers = self.till.headers("POST", "/terminal/records", raw)
        return await self.shop.office.http.post("/terminal/records", content=raw, headers=headers)


def changed(record: TerminalRecord, **changes: object) -> TerminalRecord:
    """The same record but for some fields."""
    fields = {name: getattr(record, name) for name in TerminalRecord.__slots__}
    return TerminalRecord(**{**fields, **changes})


def count_rows(url: str) -> list[Rows]:
    """How many rows of each kind about money."""
    tables = ("payment", "posting", "link", "reversal", "quarantine")
    return select(url, *(f"SELECT COUNT(*) FROM {table}" for table in tables))
