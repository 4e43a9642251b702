"""Taps and reversals over HTTP, as a till sends them."""

from __future__ import annotations

import os
from typing import Any

import orjson
import pytest

from backend.tables.card import CardRow
from backend.usecases.cardholders.set_pin import set_pin
from campus_code import (
    CardState,
    Refusal,
)
from tests.rig.campus import NOON
from tests.rig.office import SYSTEM
from tests.rig.raw_books import read_books
from tests.rig.shop import Json, Sent, Shop, count_rows

PIN = "482913"

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
    before = count_rows(shop.url)
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
    assert count_rows(shop.url) == before


async def test_fields_nobody_asked_for_are_refused(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    for name in ("charged_fen", "holder_id", "at", "was_offline", "balance_fen"):
        answer = await shop.try_to_pay(till, shop.code(student), 100, **{name: 1})
        assert answer.status_code == 400, name
    answer = await shop.try_to_pay(till, shop.code(student), 100, credential_kind="prox")
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
    before = count_rows(shop.url)
    for headers, content in wrong:
        answer = await http.post(path, content=content, headers=headers)
        assert answer.status_code == 401, headers
    assert count_rows(shop.url) == before


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
