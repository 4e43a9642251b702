"""What comes to the payment address: forged, replayed, changed, at once, early, late, never."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any

import httpx
import pytest

from backend.api.webhooks.wechat_pay import ANSWER_SECONDS
from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.domain.top_up import ORDER_SECONDS
from backend.domain.wechat_pay import PaymentTold, Prepay, RefundOrder, TradeState
from backend.tables.ledger import Ledger
from backend.tables.top_up import TopUpRow
from backend.tables.top_ups import Outcome, apply_told
from backend.tables.wechat import WechatRow
from simulators.wechat_pay.keys import Merchant, new_key
from simulators.wechat_pay.notices import PROBE, RETRY_SECONDS
from tests.rig.notices import sealed
from tests.rig.paying import Paying
from tests.rig.top_ups import (
    NOTICES,
    check,
    content,
    credited,
    foreign,
    headers_of,
    incidents,
    order,
    paid_in_silence,
    state,
    work_for,
)
from tests.rig.wechat_pay import APP_ID, MCHID

REFUNDS = "/webhooks/wechat-pay/refunds"
YEAR_SECONDS = 365 * 86_400
DAY_SECONDS = 86_400
AT_ONCE = 100
ROUNDS = 3
Headers = dict[str, str] | list[tuple[str, str]]


async def bring(paying: Paying, body: bytes, headers: Headers | None = None) -> int:
    """POST a notice; the status. What is not taken is answered as WeChat Pay reads it."""
    sent = httpx.Headers(headers_of(paying, body) if headers is None else headers)
    answer = await paying.http.post(NOTICES, content=body, headers=sent)
    if answer.status_code == 204:
        assert answer.content == b""
    else:
        assert answer.json()["code"] == "FAIL"
        assert set(answer.json()) == {"code", "message"}
    return answer.status_code


async def test_a_forged_notice_credits_nothing(paying: Paying) -> None:
    """P1: the order is real and really paid; only the proof is wrong."""
    number = await paid_in_silence(paying, await paying.student())
    body = sealed(content(paying, number))
    true = headers_of(paying, body)
    other = next(one for one in paying.sim.platform.ids if one != paying.sim.platform.signs_with)
    swapped = paying.sim.platform.headers(body, paying.sim.clock(), "n" * 32, other)
    swapped["Wechatpay-Serial"] = true["Wechatpay-Serial"]
    forged: list[Headers] = [
        {},
        swapped,
        true | {"Wechatpay-Signature": PROBE + true["Wechatpay-Signature"]},
        true | {"Wechatpay-Serial": "5A" + "0" * 36},
        true | {"Wechatpay-Timestamp": str(paying.at + 301)},
    ]
    forged += [{k: v for k, v in true.items() if k != name} for name in true]
    forged += [[*true.items(), (name, value)] for name, value in true.items()]
    for headers in forged:
        assert 400 <= await bring(paying, body, headers) < 500, headers
    assert 400 <= await bring(paying, body + b" ", true) < 500
    assert 400 <= await bring(paying, b"", true) < 500
    assert (credited(paying), state(paying, number)[0]) == ([], "pending")
    assert await bring(paying, body, true) == 204
    assert credited(paying) == [(5_000, number)]


async def test_a_strangers_whole_merchant_is_not_ours(paying: Paying) -> None:
    """Somebody else's key under everything: even a perfect notice is nobody's."""
    number = await paid_in_silence(paying, await paying.student())
    body = sealed(content(paying, number))
    platform = type(paying.sim.platform)(
        paying.sim.platform.key_id, new_key(), paying.sim.platform.certificate, new_key()
    )
    headers = platform.headers(body, paying.sim.clock(), "n" * 32)
    assert await bring(paying, body, headers) == 401
    assert credited(paying) == []
    assert isinstance(paying.merchant, Merchant)


@pytest.mark.parametrize("seconds, status", [(1, 204), (360, 401), (YEAR_SECONDS, 401)])
async def test_a_captured_notice_credits_once(paying: Paying, seconds: int, status: int) -> None:
    """P2: the very bytes again, and after any time a fresh signature under the same content."""
    number = (await order(paying, await paying.student()))["number"]
    paying.pay(number)
    await paying.advance(0)
    notice = paying.sim.postman.notices[-1]
    await paying.advance(seconds)
    assert await bring(paying, notice.body, notice.attempts[0].headers) == status
    assert await bring(paying, notice.body) == 204  # the same, told anew: it is known
    assert credited(paying) == [(5_000, number)]
    assert state(paying, number) == ("paid", "", "notice")


CHANGED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("amount", {"amount": {"total": 4_999, "payer_total": 4_999, "currency": "CNY"}}, "amount"),
    ("more", {"amount": {"total": 500_000, "payer_total": 1, "currency": "CNY"}}, "amount"),
    ("currency", {"amount": {"total": 5_000, "payer_total": 5_000, "currency": "USD"}}, "currency"),
    ("appid", {"appid": "wx00000000000000ff"}, "appid"),
    ("mchid", {"mchid": "1900000110"}, "mchid"),
    ("openid", {"payer": {"openid": "o-somebody-else"}}, "openid"),
    ("trade_type", {"trade_type": "NATIVE"}, "trade_type"),
    ("several", {"appid": "wx1", "mchid": "1"}, "appid.mchid"),
    ("no time", {"success_time": ""}, "success_time"),
    ("transaction", {"transaction_id": "4200' OR 1=1 --"}, "transaction_id"),
)


@pytest.mark.parametrize("changes, why", [one[1:] for one in CHANGED], ids=[c[0] for c in CHANGED])
async def test_a_true_notice_of_something_else_is_held(
    paying: Paying, changes: dict[str, Any], why: str
) -> None:
    """P3: the signature is right, the content is not what was ordered."""
    student = await paying.student()
    number = await paid_in_silence(paying, student)
    body = sealed(content(paying, number, **changes))
    assert await bring(paying, body) == 409
    assert await bring(paying, body) == 409
    assert (credited(paying), state(paying, number)) == ([], ("held", why, ""))
    assert incidents(paying) == ["top_ups.held"]
    # neither a right notice nor our own question decides against it: a person, or the bill
    assert await bring(paying, sealed(content(paying, number))) == 409
    assert (await check(paying, student, number))["state"] == "held"
    await work_for(paying, 2 * ORDER_SECONDS, every=300)
    assert credited(paying) == []
    parts = paying.office.parts
    told = await parts.pay.find(number)
    for outcome in (Outcome.CREDITED, Outcome.REPEATED):
        applied = await apply_told(parts.ledger, parts.clock, told, "bill")
        assert applied.outcome is outcome
    assert state(paying, number) == ("paid", "", "bill")
    assert credited(paying) == [(5_000, number)]


@pytest.mark.parametrize("word", [one.value for one in TradeState if one.value != "SUCCESS"])
async def test_only_success_is_paid(paying: Paying, word: str) -> None:
    number = await paid_in_silence(paying, await paying.student())
    assert await bring(paying, sealed(content(paying, number, trade_state=word))) == 401
    assert (credited(paying), state(paying, number)[0]) == ([], "pending")


@pytest.mark.parametrize("number", ["tu-of-another-school", "x|*", "tu' OR '1'='1", "n" * 40])
async def test_an_order_that_is_none_of_ours_credits_nobody(paying: Paying, number: str) -> None:
    await order(paying, await paying.student())
    for _ in range(2):
        assert await bring(paying, sealed(foreign(number))) == 404
    assert (credited(paying), incidents(paying)) == ([], ["top_ups.unknown"])


async def test_one_transaction_pays_one_order(paying: Paying) -> None:
    """What paid the first order is told of the second, under a true signature."""
    student = await paying.student()
    first, second = [await paid_in_silence(paying, student) for _ in range(2)]
    paid = content(paying, first)
    assert await bring(paying, sealed(paid)) == 204
    assert await bring(paying, sealed({**paid, "out_trade_no": second})) == 409
    assert state(paying, second) == ("held", "transaction_id", "")
    again = content(paying, first, transaction_id="4200000001202601019999999999")
    assert await bring(paying, sealed(again)) == 409  # and one order is paid once
    assert credited(paying) == [(5_000, first)]
    assert state(paying, first)[0] == "paid"
    assert incidents(paying) == ["top_ups.held"] * 2


async def test_another_persons_order_is_not_paid_by_mine(paying: Paying) -> None:
    one, other = await paying.student(), await paying.student()
    mine, theirs = await paid_in_silence(paying, one), await paid_in_silence(paying, other)
    assert await bring(paying, sealed(content(paying, mine, out_trade_no=theirs))) == 409
    assert (credited(paying), state(paying, theirs)[:2]) == ([], ("held", "openid"))


async def test_every_changed_byte_of_the_secret_part_is_refused(paying: Paying) -> None:
    """P5, over the wire and signed anew each time: only the sealing is broken."""
    number = await paid_in_silence(paying, await paying.student())
    true = json.loads(sealed(content(paying, number)))
    raw = bytearray(base64.b64decode(true["resource"]["ciphertext"]))
    broken = []
    for at in range(0, len(raw), 23):
        changed = bytes([*raw[:at], raw[at] ^ 1, *raw[at + 1 :]])
        broken.append({"ciphertext": base64.b64encode(changed).decode()})
    broken += [{"nonce": "0123456789ac"}, {"associated_data": "transactioN"}, {"nonce": ""}]
    broken += [{"associated_data": "refund"}, {"algorithm": "AES"}, {"ciphertext": ""}]
    for change in broken:
        body = json.dumps({**true, "resource": true["resource"] | change}).encode()
        assert await bring(paying, body) == 401, change
    assert credited(paying) == []
    assert await bring(paying, json.dumps(true).encode()) == 204


async def _at_once(paying: Paying, body: bytes) -> list[int]:
    """The same notice on AT_ONCE connections, their last bytes at the same time."""
    url = paying.http.base_url
    headers = {"Content-Length": str(len(body)), "Host": "x", "Connection": "close"}
    head = f"POST {NOTICES} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in (headers | headers_of(paying, body)).items()
    )
    message = head.encode() + b"\r\n" + body
    lines = await asyncio.gather(
        *(asyncio.open_connection(url.host, url.port) for _ in range(AT_ONCE))
    )
    for _, writer in lines:
        writer.write(message[:-1])
    await asyncio.gather(*(writer.drain() for _, writer in lines))
    for _, writer in lines:
        writer.write(message[-1:])
    answers = await asyncio.gather(*(reader.readline() for reader, _ in lines))
    for _, writer in lines:
        writer.close()
    return [int(one.split()[1]) for one in answers]


@pytest.mark.timeout(180)
async def test_a_hundred_at_once_credit_once(paying: Paying) -> None:
    """P6."""
    student = await paying.student()
    numbers = [await paid_in_silence(paying, student) for _ in range(ROUNDS)]
    for number in numbers:
        statuses = await _at_once(paying, sealed(content(paying, number)))
        assert (len(statuses), set(statuses)) == (AT_ONCE, {204})
    assert credited(paying) == [(5_000, number) for number in numbers]


async def test_notice_query_and_worker_at_once_credit_once(paying: Paying) -> None:
    student = await paying.student()
    number = await paid_in_silence(paying, student)
    body = sealed(content(paying, number))
    await asyncio.gather(
        *(bring(paying, body) for _ in range(10)),
        *(check(paying, student, number) for _ in range(10)),
        work_for(paying, 25),
    )
    assert credited(paying) == [(5_000, number)]


async def _unseen(paying: Paying, number: str) -> None:
    """WeChat Pay has an order that was paid, and our row is not there yet."""
    order = Prepay(number, 5_000, "o-early", "充值", paying.at + ORDER_SECONDS)
    await paying.office.parts.pay.prepay(order)
    paying.pay(number)


async def _appear(paying: Paying, number: str, holder_id: int) -> None:
    """Our row becomes visible."""
    wechat = await WechatRow.create(
        openid_hash=token_hash("o-early"), sealed_openid="x", first_seen_at=utc(paying.at)
    )
    await TopUpRow.create(
        out_trade_no=number, request_key=number, holder_id=holder_id, payer="student:1",
        wechat_id=wechat.id, app_id=APP_ID, mchid=MCHID, amount_fen=5_000,
        started_at=paying.at, expires_at=paying.at + ORDER_SECONDS,
    )  # fmt: skip


@pytest.mark.parametrize("late_seconds", [2, sum(RETRY_SECONDS) - 1])
async def test_a_notice_that_is_faster_than_the_order_is_told_again(
    paying: Paying, late_seconds: int
) -> None:
    """P8, and the whole schedule: what is not taken comes again until it is, 24 h 4 min long."""
    student = await paying.student()
    await _unseen(paying, "tu-early")
    await paying.advance(late_seconds)
    notice = paying.sim.postman.notices[-1]
    assert {one.status for one in notice.attempts} == {404}
    await _appear(paying, "tu-early", student.holder_id)
    await paying.advance(15)
    assert (notice.state, credited(paying)) == ("taken", [(5_000, "tu-early")])
    assert len(notice.attempts) in {2, 1 + len(RETRY_SECONDS)}


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "duplicate", "copies": 20},
        {"kind": "late", "seconds": DAY_SECONDS},
        {"kind": "wrong_signature"},
        {"kind": "other_key"},
        {"kind": "signtest"},
        {"kind": "never"},
        {"kind": "reordered"},
    ],
    ids=lambda wish: wish["kind"],
)
async def test_whatever_notices_do_it_is_credited_once(
    paying: Paying, wish: dict[str, Any]
) -> None:
    """F38, with the worker at work beside it."""
    student = await paying.student()
    paying.plan(what="notices", **wish)
    numbers = [(await order(paying, student))["number"] for _ in range(2)]
    for number in numbers:
        paying.pay(number)
    await work_for(paying, 300, every=10)
    assert sorted(credited(paying)) == sorted((5_000, number) for number in numbers)
    await paying.advance(2 * DAY_SECONDS)
    assert len(credited(paying)) == 2
    assert {notice.state for notice in paying.sim.postman.notices} <= {"taken", "never"}


async def test_each_address_takes_its_own_kind(paying: Paying) -> None:
    """P12."""
    number = (await order(paying, await paying.student()))["number"]
    paying.pay(number)
    await paying.advance(0)
    payment = paying.sim.postman.notices[-1]
    asked = RefundOrder("rf-crossed", paying.held(number).transaction_id, 100, 5_000, "x")
    await paying.office.parts.pay.refund(asked)
    await paying.advance(10)
    refund = paying.sim.postman.notices[-1]
    assert refund.event == "REFUND.SUCCESS"
    assert await bring(paying, refund.body) == 401
    crossed = httpx.Headers(headers_of(paying, payment.body))
    answer = await paying.http.post(REFUNDS, content=payment.body, headers=crossed)
    assert answer.status_code == 401
    assert credited(paying) == [(5_000, number)]


async def test_xml_and_other_bodies_are_refused(paying: Paying) -> None:
    """P4: nothing but JSON under a right signature is even looked at."""
    entity = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    )
    for body in (entity, b"[]", b"null", b"{}", b'{"resource":' * 500, b"\xff\xfe", b"0" * 70_000):
        assert await bring(paying, body) == 401
        assert await bring(paying, body, {}) == 401
    assert credited(paying) == []


async def test_a_told_order_without_a_payer_is_held(paying: Paying) -> None:
    number = await paid_in_silence(paying, await paying.student())
    told = PaymentTold(
        APP_ID, MCHID, number, TradeState.SUCCESS, "4200", "JSAPI", "", 5_000, 5_000, "CNY", 1
    )
    parts = paying.office.parts
    applied = await apply_told(parts.ledger, parts.clock, told, "bill")
    assert (applied.outcome, applied.fields) == (Outcome.HELD, ("openid",))


class Slowly:
    """Stands before the books: whoever posts waits until the test lets him."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.let = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def post(self, *args: Any) -> Any:
        """Post, later."""
        await self.let.wait()
        return await self._ledger.post(*args)


async def test_what_takes_too_long_is_answered_in_time_and_done(paying: Paying) -> None:
    number = await paid_in_silence(paying, await paying.student())
    parts = paying.office.parts
    ledger = parts.ledger
    slow = Slowly(ledger)
    parts.ledger = slow  # type: ignore[assignment]  # stands before a real one
    began = time.monotonic()
    assert await bring(paying, sealed(content(paying, number))) == 503
    assert time.monotonic() - began < ANSWER_SECONDS + 0.4
    parts.ledger = ledger
    slow.let.set()
    for _ in range(100):
        if credited(paying):
            break
        await asyncio.sleep(0.05)
    assert credited(paying) == [(5_000, number)]
    assert await bring(paying, sealed(content(paying, number))) == 204
