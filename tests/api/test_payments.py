"""Payments, reversals and records over HTTP, as a till sends them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from backend.domain.accounts import SchoolAccount
from backend.tables.accounts import open_payable
from backend.tables.card import CardRow
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.tables.store import make_store
from backend.usecases.cardholders.set_pin import set_pin
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.terminals.make_enrolment import make_enrolment
from campus_code import (
    CardState,
    RecordKind,
    RecordSet,
    Refusal,
    TerminalRecord,
    issue_code,
    sign_record_set,
    step_at,
)
from campus_code.record import FIRST_HASH, RECORDS_MAX
from tests.rig.campus import NOON
from tests.rig.device import Device
from tests.rig.office import SYSTEM, Office, Student
from tests.rig.raw_books import Rows, assert_sound, read_books, select

PIN = "482913"
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


@pytest_asyncio.fixture
async def shop(office: Office, migrated_url: str) -> AsyncIterator[Shop]:
    """A shop whose books are checked when the test is through with it."""
    ledger = Ledger(make_store(DatabaseUrl.parse(migrated_url)), office.clock, "tests")
    await ledger.open()
    try:
        made = Shop(office, migrated_url, ledger)
        yield made
        assert_sound(migrated_url, made.sent)
        assert (await verify_ledger(ledger)).findings == []
    finally:
        await ledger.close()


# ---------------------------------------------------------------------------------- one tap


async def test_a_tap_from_scan_to_books(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    told = await shop.pay(till, shop.code(student), 1250)
    assert told == {
        "outcome": "approved",
        "sequence": 1,
        "is_repeat": False,
        "payment_id": told["payment_id"],
        "nominal_fen": 1250,
        "discount_fen": 0,
        "fee_fen": 0,
        "charged_fen": 1250,
        "class_id": 1,
        "period_id": "lunch",
        "business_on": 20260101,
    }
    assert shop.balance(student) == 8750
    row = read_books(shop.url).payment(till.terminal_id, 1)
    assert (row[0], row[4]) == (told["payment_id"], student.holder_id)


async def test_the_same_tap_again_is_the_same_payment(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    code = shop.code(student)
    first = await shop.pay(till, code, 1250)
    again = await shop.pay(till, code, 1250, sequence=1)
    assert again == {**first, "is_repeat": True}
    other = await shop.pay(till, shop.code(student, NOON - 15), 1250, sequence=1)
    assert (other["outcome"], other["reason"]) == ("declined", "journal_fault")
    assert shop.balance(student) == 8750


async def test_an_emergency_code_pays_once(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    shown = await shop.office.http.get("/student/emergency-code", headers=student.headers)
    code = shown.json()["code"].replace(" ", "")
    assert len(code) == 16
    first = await shop.pay(till, code, 1000, credential_kind="emergency")
    second = await shop.pay(till, code, 100, credential_kind="emergency")
    assert (first["outcome"], second["reason"]) == ("approved", "emergency_used")
    forged = code[:8] + f"{(int(code[8:]) + 1) % 10**8:08}"
    refused = await shop.pay(till, forged, 100, credential_kind="emergency")
    assert refused["reason"] == "wrong_code"


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda code: code[:-1] + str((int(code[-1]) + 1) % 10), "wrong_code"),
        (lambda code: code[:20] + str((int(code[20]) + 1) % 10) + code[21:], "wrong_code"),
        (lambda _code: "not a code", "unreadable"),
        (lambda code: code + "0", "unreadable"),
        (lambda _code: "", "unreadable"),
        (
            lambda code: code.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
            "unreadable",
        ),
    ],
)
async def test_a_forged_code_is_declined(shop: Shop, change: Any, reason: str) -> None:
    till, student = await shop.till(), await shop.student()
    told = await shop.pay(till, change(shop.code(student)), 100)
    assert (told["outcome"], told["reason"]) == ("declined", reason)
    (refusal,) = [one for one in Refusal if one.value == told["reason"]]
    assert refusal.zh
    assert refusal.en


@pytest.mark.parametrize("seconds, reason", [(-46, "expired"), (31, "early")])
async def test_a_code_of_another_time_is_declined(shop: Shop, seconds: int, reason: str) -> None:
    till, student = await shop.till(), await shop.student()
    told = await shop.pay(till, shop.code(student, NOON + seconds), 100)
    assert told["reason"] == reason
    assert told["evidence"]["seconds"] > 0


async def test_refusals_are_answers(shop: Shop) -> None:
    till, poor = await shop.till(), await shop.student(500)
    told = await shop.pay(till, shop.code(poor), 501)
    assert (told["outcome"], told["reason"]) == ("declined", "insufficient_funds")
    assert told["evidence"] == {"charged_fen": 501, "short_fen": 1}
    await CardRow.filter(id=poor.card_id).update(state=CardState.FROZEN, frozen_at=NOON)
    assert (await shop.pay(till, shop.code(poor), 1))["reason"] == "frozen"
    assert (await shop.pay(till, shop.code(poor), None))["reason"] == "frozen"
    await CardRow.filter(id=poor.card_id).update(state=CardState.ACTIVE, frozen_at=0)
    assert (await shop.pay(till, shop.code(poor), None))["reason"] == "no_price"
    assert shop.balance(poor) == 500


async def test_pins(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    office = shop.office
    await set_pin(
        student.holder_id,
        PIN,
        actor=SYSTEM,
        at=office.at,
        randomness=os.urandom,
        vault=office.parts.vault,
    )
    right = await shop.pay(till, shop.code(student), 100, pin=PIN)
    assert right["outcome"] == "approved"
    office.clock.now += 15
    reasons = [
        (await shop.pay(till, shop.code(student), 100, pin="000000"))["reason"] for _ in range(10)
    ]
    assert (reasons[0], reasons[-1]) == ("wrong_pin", "frozen")
    assert (await shop.pay(till, shop.code(student), 100, pin=PIN))["reason"] == "frozen"
    assert (await shop.pay(till, shop.code(student), 100))["reason"] == "frozen"
    assert shop.balance(student) == 9900


# -------------------------------------------------------------------------- wrong requests

NO_AMOUNTS = [
    "-1", "0", "-0", "1.0", "0.5", "1e3", "1e309", "-1e309", "1e-9", "NaN", "Infinity",
    "-Infinity", "true", "false", '"100"', '"1"', '""', '"１００"', '"٣"', '"1e2"', '"0x10"',
    '"1,000"', '"¥5"', '" 5 "', "[]", "[100]", "{}", '{"fen":100}', "[[1]]", "10000001",
    "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616",
    "1" + "0" * 40, "1" + "0" * 5000, "-9223372036854775808", "0x10", "1_000", "+5", "١٠٠",
    "１００", "01", ".5", "5.", "'5'", "1;DROP TABLE payment", "\"1' OR 1=1\"",
]  # fmt: skip


@pytest.mark.parametrize("place", ["asked_fen", "sequence"])
async def test_what_is_no_amount_is_refused(shop: Shop, place: str) -> None:
    """Not one of them becomes a row, wherever it stands."""
    till, student = await shop.till(), await shop.student()
    office, code = shop.office, shop.code(student)
    assert len(NO_AMOUNTS) >= 40
    before = _rows(shop.url)
    for text in NO_AMOUNTS:
        if place == "sequence" and text in {"10000001", "4294967296", "9223372036854775807"}:
            continue  # a sequence may be as large
        fields = {"asked_fen": "100", "sequence": "1", place: text}
        body = (
            f'{{"sequence":{fields["sequence"]},"credential":"{code}","credential_kind":"code",'
            f'"asked_fen":{fields["asked_fen"]}}}'
        ).encode()
        path = "/terminal/payments"
        headers = till.headers("POST", path, body)
        answer = await office.http.post(path, content=body, headers=headers)
        assert 400 <= answer.status_code < 500, (text, answer.status_code, answer.text)
        assert {"error", "zh", "en"} <= answer.json().keys()
    assert _rows(shop.url) == before


def _rows(url: str) -> list[Rows]:
    tables = ("payment", "posting", "link", "reversal", "quarantine")
    return select(url, *(f"SELECT COUNT(*) FROM {table}" for table in tables))


async def test_fields_nobody_asked_for_are_refused(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    for name in ("charged_fen", "holder_id", "at", "was_offline", "balance_fen"):
        answer = await shop.try_to_pay(till, shop.code(student), 100, **{name: 1})
        assert answer.status_code == 400, name
    answer = await shop.try_to_pay(till, shop.code(student), 100, credential_kind="card")
    assert answer.status_code == 400


async def test_only_who_holds_the_session_key_is_heard(shop: Shop) -> None:
    till, other, student = await shop.till(), await shop.till("Rice"), await shop.student()
    http, path = shop.office.http, "/terminal/payments"
    body = orjson.dumps(
        {
            "sequence": 1,
            "credential": shop.code(student),
            "credential_kind": "code",
            "asked_fen": 100,
        }
    )
    good = till.headers("POST", path, body)
    flipped = f"{int(good['x-mac'][0], 16) ^ 1:x}{good['x-mac'][1:]}"
    wrong = [
        ({}, body),
        ({"x-terminal": good["x-terminal"]}, body),
        ({"x-mac": good["x-mac"]}, body),
        ({**good, "x-mac": flipped}, body),
        ({**good, "x-terminal": other.session}, body),
        ({**other.headers("POST", path, body), "x-terminal": till.session}, body),
        (till.headers("POST", "/terminal/reversals", body), body),
        (good, body.replace(b"100", b"900")),
    ]
    before = _rows(shop.url)
    for headers, content in wrong:
        answer = await http.post(path, content=content, headers=headers)
        assert answer.status_code == 401, headers
    assert _rows(shop.url) == before


# ------------------------------------------------------------------------------- reversals


async def test_a_reversal_over_the_wire(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    paid = await shop.pay(till, shop.code(student), 1250)

    async def reverse(sequence: int, reverses: int) -> Json:
        shop.sent.append(Sent(till.terminal_id, sequence, reverses))
        body = {"sequence": sequence, "reverses": reverses}
        answer = await till.post(shop.office.http, "/terminal/reversals", body)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    for _ in range(2):
        told = await reverse(50, 1)
        assert told == {"outcome": "reversed", "payment_id": paid["payment_id"]}
    assert (await reverse(51, 77))["outcome"] == "nothing_to_reverse"
    late = await shop.pay(till, shop.code(student, NOON - 15), 1250, sequence=77)
    assert late["reason"] == "reversed"
    assert shop.balance(student) == 10_000


# --------------------------------------------------------------------------------- records


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


async def test_a_journal_is_uploaded_and_repeated(shop: Shop) -> None:
    book = Book(shop, await shop.till())
    student, thief = await shop.student(), await shop.student()
    for number in range(3):
        book.pay(student, 100, NOON - 3600 + 15 * number)
    book.pay(thief, 100, NOON - 3000)
    forged = book.records[3].credential[:-1]
    digit = (int(book.records[3].credential[-1]) + 1) % 10
    book.records[3] = _with(book.records[3], credential=f"{forged}{digit}")
    words = []
    for _ in range(2):
        answer = await book.upload(book.signed())
        assert answer.status_code == 200, answer.text
        body = answer.json()
        words.append([one["outcome"] for one in body["outcomes"]])
        assert body["confirmed_through"] == 4
        last = RecordSet(book.till.terminal_id, FIRST_HASH, tuple(book.records)).last_hash
        assert body["last_hash"] == last.hex()
    assert words == [["posted"] * 3 + ["suspense"], ["repeated"] * 4]
    assert (shop.balance(student), shop.balance(thief)) == (9700, 10_000)
    ((reason,),) = select(shop.url, "SELECT reason FROM suspense")
    assert reason == ("wrong_code",)


def _with(record: TerminalRecord, **changes: object) -> TerminalRecord:
    fields = {name: getattr(record, name) for name in TerminalRecord.__slots__}
    return TerminalRecord(**{**fields, **changes})


async def test_a_record_that_names_somebody_else_is_borne_by_the_school(shop: Shop) -> None:
    """The code is true, but it is not the code of the card that is to pay."""
    book = Book(shop, await shop.till())
    student, victim = await shop.student(), await shop.student()
    book.pay(student, 100, NOON - 60)
    book.records[0] = _with(book.records[0], card_number=victim.card_number)
    answer = await book.upload(book.signed())
    assert answer.json()["outcomes"] == [
        {"sequence": 1, "outcome": "suspense", "reason": "wrong_code"}
    ]
    assert (shop.balance(student), shop.balance(victim)) == (10_000, 10_000)


async def test_a_gap_names_the_expected_record(shop: Shop) -> None:
    book, student = Book(shop, await shop.till()), await shop.student()
    for number in range(5):
        book.pay(student, 100, NOON - 3600 + 15 * number)
    assert (await book.upload(book.signed(0, 1))).status_code == 200
    answer = await book.upload(book.signed(3))
    assert answer.status_code == 409
    assert answer.json()["error"] == "journal_gap"
    assert answer.json()["evidence"]["expected"] == 2
    assert (await book.upload(book.signed(1))).status_code == 200
    assert shop.balance(student) == 9500


async def test_only_the_tills_own_signature_counts(shop: Shop) -> None:
    book, other = Book(shop, await shop.till()), await shop.till("Rice")
    student = await shop.student()
    book.pay(student, 100, NOON - 60)
    true = book.signed()
    forged = Book(shop, book.till, list(book.records))
    forged.till = Device(terminal_id=book.till.terminal_id)  # another key, the same name
    before = _rows(shop.url)
    for raw in (
        forged.signed(),
        true[:-1],
        true[:-1] + bytes([true[-1] ^ 1]),
        true[:40] + bytes([true[40] ^ 1]) + true[41:],
        b"",
        b"{}",
    ):
        answer = await book.upload(raw)
        assert 400 <= answer.status_code < 500, answer.text
    named = await book.upload(book.signed(terminal_id=other.terminal_id))
    assert (named.status_code, named.json()["error"]) == (403, "other_terminal")
    assert _rows(shop.url) == before


async def test_five_hundred_records_in_one_set(shop: Shop) -> None:
    book, student = Book(shop, await shop.till()), await shop.student(100_000)
    for number in range(RECORDS_MAX):
        book.pay(student, 100, NOON - 10_000 + 15 * number)
    answer = await book.upload(book.signed())
    assert answer.status_code == 200, answer.text
    assert {one["outcome"] for one in answer.json()["outcomes"]} == {"posted"}
    assert answer.json()["confirmed_through"] == RECORDS_MAX
    assert shop.balance(student) == 50_000
