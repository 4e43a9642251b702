"""Signed sets of journal records over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from backend.usecases import upload_pace
from backend.usecases.upload_pace import AT_ONCE_RECORDS_MAX
from campus_code import (
    RecordSet,
)
from campus_code.record import FIRST_HASH, RECORDS_MAX
from tests.rig.campus import NOON
from tests.rig.device import Device
from tests.rig.raw_books import select
from tests.rig.shop import Book, Shop, changed, count_rows


async def test_a_journal_is_uploaded_and_repeated(shop: Shop) -> None:
    book = Book(shop, await shop.till())
    student, thief = await shop.student(), await shop.student()
    for number in range(3):
        book.pay(student, 100, NOON - 3600 + 15 * number)
    book.pay(thief, 100, NOON - 3000)
    forged = book.records[3].credential[:-1]
    digit = (int(book.records[3].credential[-1]) + 1) % 10
    book.records[3] = changed(book.records[3], credential=f"{forged}{digit}")
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


async def test_a_record_that_names_somebody_else_is_borne_by_the_school(shop: Shop) -> None:
    """The code is true, but it is not the code of the card that is to pay."""
    book = Book(shop, await shop.till())
    student, victim = await shop.student(), await shop.student()
    book.pay(student, 100, NOON - 60)
    book.records[0] = changed(book.records[0], card_number=victim.card_number)
    answer = await book.upload(book.signed())
    assert answer.json()["outcomes"] == [
        {"sequence": 1, "outcome": "suspense", "reason": "wrong_code"}
    ]
    assert (shop.balance(student), shop.balance(victim)) == (10_000, 10_000)


async def test_a_backlog_beside_taps_is_asked_to_come_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tills were cut off for long while a third sells."""
    seller, student = await shop.till(), await shop.student()
    await shop.pay(seller, shop.code(student), 100)
    monkeypatch.setattr(upload_pace, "WAIT_SECONDS_MAX", 0.1)
    books = [Book(shop, await shop.till()) for _ in range(2)]
    for book in books:
        holder = await shop.student()
        for number in range(AT_ONCE_RECORDS_MAX + 1):
            book.pay(holder, 10, NOON - 3600 + 15 * number)
    first = asyncio.create_task(books[0].upload(books[0].signed()))
    await asyncio.sleep(0.05)
    away = await books[1].upload(books[1].signed())
    assert (away.status_code, away.json()["error"]) == (429, "uploads_wait")
    assert away.headers["retry-after"] == str(away.json()["evidence"]["seconds"]) == "1"
    few = await books[1].upload(books[1].signed(0, 5))
    assert few.status_code == 200, few.text
    assert not first.done()
    assert (await first).json()["confirmed_through"] == AT_ONCE_RECORDS_MAX + 1
    rest = await books[1].upload(books[1].signed())
    assert rest.json()["confirmed_through"] == AT_ONCE_RECORDS_MAX + 1


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
    before = count_rows(shop.url)
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
    assert count_rows(shop.url) == before


async def test_five_hundred_records_in_one_set(shop: Shop) -> None:
    book, student = Book(shop, await shop.till()), await shop.student(100_000)
    for number in range(RECORDS_MAX):
        book.pay(student, 100, NOON - 10_000 + 15 * number)
    answer = await book.upload(book.signed())
    assert answer.status_code == 200, answer.text
    assert {one["outcome"] for one in answer.json()["outcomes"]} == {"posted"}
    assert answer.json()["confirmed_through"] == RECORDS_MAX
    assert shop.balance(student) == 50_000
