"""Notices: the true schedule, every kind of wrong one, and no forged one believed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx
import pytest

from backend.domain.top_up import Mismatch, Paid, Refund, TopUp, judge, judge_refund
from backend.domain.wechat_pay import NoticeFault, NoticeRefusedError
from backend.gateways.wechat_pay import RefundOrder
from backend.gateways.wechat_pay_notice import NOTICE_BYTES_MAX, Notices
from backend.gateways.wechat_pay_signing import Opener, PlatformKey, Verifier
from simulators.wechat_pay.keys import encrypt, new_key
from simulators.wechat_pay.notices import RETRY_SECONDS
from tests.rig.wechat_pay import (
    APP_ID,
    MCHID,
    OPENID,
    V3_KEY,
    SimulatedPay,
    keys,
)

Headers = list[tuple[str, str]]
Reading = Callable[[Iterable[tuple[str, str]], bytes], object]
SCHEDULE = [0, *itertools.accumulate(RETRY_SECONDS)]
DAY_SECONDS = 86_400


def ours(pay: SimulatedPay, amount_fen: int = 5_000) -> TopUp:
    return TopUp("tu-order-1", APP_ID, MCHID, OPENID, amount_fen, int(pay.clock()) + 1800)


def fault_of(read: Reading, headers: Iterable[tuple[str, str]], body: bytes) -> NoticeFault:
    with pytest.raises(NoticeRefusedError) as caught:
        read(headers, body)
    return caught.value.fault


def sealed(content: object, resource: dict[str, Any] | None = None, **envelope: Any) -> bytes:
    """A notice's body with the merchant's own key; what is given stands in place of the true."""
    plain = json.dumps(content, ensure_ascii=False).encode()
    inner = {
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": encrypt(V3_KEY, plain, "0123456789ab", "transaction"),
        "associated_data": "transaction",
        "nonce": "0123456789ab",
    }
    outer = {
        "id": "1",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "resource": inner | (resource or {}),
    }
    return json.dumps(outer | envelope, ensure_ascii=False).encode()


def signed(pay: SimulatedPay, body: bytes, key_id: str = "", late_seconds: int = 0) -> Headers:
    at = pay.clock() - late_seconds
    return list(pay.sim.platform.headers(body, at, "n" * 32, key_id).items())


async def test_a_payment_is_noticed_and_is_our_order(pay: SimulatedPay) -> None:
    order = await pay.paid()
    verdict = judge(ours(pay), pay.address.payments[0])
    assert verdict == Paid(order.transaction_id, 5_000, int(pay.clock()))
    assert pay.sim.postman.notices[0].state == "taken"


@pytest.mark.parametrize("key", ["public_key", "certificate"])
async def test_both_of_their_keys_are_believed(pay: SimulatedPay, key: str) -> None:
    await pay.steer("keys", signs_with=key)
    await pay.paid()
    assert len(pay.address.payments) == 1
    serial = dict(pay.address.came[0][0])["wechatpay-serial"]
    assert serial.startswith("PUB_KEY_ID_") == (key == "public_key")


async def test_the_true_schedule_is_kept_when_nobody_takes_it(pay: SimulatedPay) -> None:
    pay.address.answers = [500] * 16
    began = pay.clock()
    await pay.paid()
    answer = await pay.steer("clock", seconds=2 * DAY_SECONDS)
    assert answer.json()["waiting"] == 0
    notice = pay.sim.postman.notices[0]
    assert [round(one.at - began) for one in notice.attempts] == SCHEDULE
    assert SCHEDULE[-1] == 24 * 3600 + 4 * 60
    assert len(pay.address.payments) == 16  # each of them verified: signed anew, same content
    assert len(set(pay.address.payments)) == 1
    assert notice.state == "given_up"


async def test_it_ends_when_it_is_taken(pay: SimulatedPay) -> None:
    pay.address.answers = [500, 503, 400]
    await pay.paid()
    await pay.sim.timeline.advance(DAY_SECONDS)
    assert [one.status for one in pay.sim.postman.notices[0].attempts] == [500, 503, 400, 204]


async def test_one_that_is_never_sent_is_found_by_asking(pay: SimulatedPay) -> None:
    await pay.steer("faults", what="notices", kind="never")
    await pay.paid()
    await pay.sim.timeline.advance(2 * DAY_SECONDS)
    assert pay.address.came == []
    assert isinstance(judge(ours(pay), await pay.gateway.find("tu-order-1")), Paid)


async def test_duplicates_come_at_once_and_tell_the_same(pay: SimulatedPay) -> None:
    await pay.steer("faults", what="notices", kind="duplicate", copies=16)
    await pay.paid()
    assert len(pay.address.payments) == 16
    assert len(set(pay.address.payments)) == 1


async def test_a_late_one_comes_late(pay: SimulatedPay) -> None:
    await pay.steer("faults", what="notices", kind="late", seconds=DAY_SECONDS)
    await pay.paid()
    await pay.sim.timeline.advance(DAY_SECONDS - 1)
    assert pay.address.came == []
    await pay.sim.timeline.advance(1)
    assert len(pay.address.payments) == 1


async def test_reordered_ones_come_the_other_way_round(pay: SimulatedPay) -> None:
    await pay.steer("faults", what="notices", kind="reordered")
    await pay.paid("tu-order-1")
    await pay.paid("tu-order-2")
    await pay.sim.timeline.advance(1)
    assert [one.out_trade_no for one in pay.address.payments] == ["tu-order-2", "tu-order-1"]


@pytest.mark.parametrize(
    "kind, fault",
    [
        ("wrong_signature", NoticeFault.SIGNATURE),
        ("other_key", NoticeFault.SIGNATURE),
        ("signtest", NoticeFault.PROBE),
    ],
)
async def test_a_wrong_one_is_refused_and_the_next_is_taken(
    pay: SimulatedPay, kind: str, fault: NoticeFault
) -> None:
    await pay.steer("faults", what="notices", kind=kind)
    await pay.paid()
    await pay.sim.timeline.advance(60)
    assert [one.fault for one in pay.address.refused] == [fault]
    assert len(pay.address.payments) == 1
    statuses = [one.status for one in pay.sim.postman.notices[0].attempts]
    assert statuses == [401, 204]


@pytest.mark.parametrize(
    "field, value, differing",
    [
        ("amount/total", 5_001, "amount"),
        ("amount/total", 1, "amount"),
        ("amount/currency", "HKD", "currency"),
        ("appid", "wx00000000000000xx", "appid"),
        ("mchid", "1900000110", "mchid"),
        ("out_trade_no", "tu-order-2", "out_trade_no"),
        ("trade_type", "NATIVE", "trade_type"),
        ("payer/openid", "o-somebody", "openid"),
    ],
)
async def test_wrong_content_under_a_right_signature_is_a_mismatch(
    pay: SimulatedPay, field: str, value: object, differing: str
) -> None:
    await pay.steer("faults", what="notices", kind="content", field=field, value=value)
    await pay.paid()
    assert judge(ours(pay), pay.address.payments[0]) == Mismatch((differing,))


@pytest.mark.parametrize(
    "field, value",
    [
        ("trade_state", "REFUND"),
        ("trade_state", "NOTPAY"),
        ("trade_state", "WHATEVER"),
        ("trade_state", None),
        ("amount/total", "5000"),
        ("amount/total", 5000.0),
        ("amount/total", True),
        ("amount/total", -1),
        ("amount/total", None),
        ("amount", [5000]),
        ("amount/currency", None),
        ("transaction_id", ""),
        ("transaction_id", 42),
        ("out_trade_no", None),
        ("appid", None),
        ("mchid", {"a": 1}),
        ("payer", None),
        ("success_time", "yesterday"),
        ("success_time", "2026-09-01T12:00:00"),
    ],
)
async def test_content_that_cannot_be_read_is_refused(
    pay: SimulatedPay, field: str, value: object
) -> None:
    await pay.steer("faults", what="notices", kind="content", field=field, value=value)
    await pay.paid()
    assert pay.address.payments == []
    assert pay.address.refused[0].fault is NoticeFault.CONTENT


async def test_a_captured_notice_is_worthless_after_five_minutes(pay: SimulatedPay) -> None:
    await pay.paid()
    headers, body = pay.address.came[0]
    await pay.sim.timeline.advance(300)
    assert pay.address.notices.payment(headers, body).total_fen == 5_000  # the last second
    for _ in range(2):  # 6 minutes, then a year
        await pay.sim.timeline.advance(1)
        assert fault_of(pay.address.notices.payment, headers, body) is NoticeFault.TIMESTAMP
        await pay.sim.timeline.advance(365 * DAY_SECONDS)


async def test_one_from_the_future_is_refused(pay: SimulatedPay) -> None:
    body = sealed({})
    headers = signed(pay, body, late_seconds=-301)
    assert fault_of(pay.address.notices.payment, headers, body) is NoticeFault.TIMESTAMP


@pytest.mark.parametrize("name", ["Timestamp", "Nonce", "Signature", "Serial", "Signature-Type"])
async def test_every_header_is_there_once(pay: SimulatedPay, name: str) -> None:
    await pay.paid()
    headers, body = pay.address.came[0]
    lower = f"wechatpay-{name.lower()}"
    read = pay.address.notices.payment
    rest = [pair for pair in headers if pair[0] != lower]
    value = dict(headers)[lower]
    assert read([*rest, (f"WechatPay-{name}", value)], body).total_fen  # in whatever case
    for broken in (
        rest,
        [*rest, (lower, "")],
        [*headers, (lower, value)],
        [*headers, (lower.upper(), "other")],
    ):
        assert fault_of(read, broken, body) is NoticeFault.HEADERS


@pytest.mark.parametrize(
    "name, value, fault",
    [
        ("wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM3", NoticeFault.SIGNATURE_TYPE),
        ("wechatpay-timestamp", "1e9", NoticeFault.TIMESTAMP),
        ("wechatpay-timestamp", "-1", NoticeFault.TIMESTAMP),
        ("wechatpay-timestamp", "１７６７", NoticeFault.TIMESTAMP),
        ("wechatpay-nonce", "n" * 129, NoticeFault.HEADERS),
        ("wechatpay-nonce", "a b", NoticeFault.HEADERS),
        ("wechatpay-serial", "PUB_KEY_ID_0119000001092026010100000000000000", NoticeFault.SERIAL),
        ("wechatpay-serial", "5A00", NoticeFault.SERIAL),
        ("wechatpay-signature", "WECHATPAY/SIGNTEST/abc", NoticeFault.PROBE),
        ("wechatpay-signature", "not base64", NoticeFault.SIGNATURE),
        ("wechatpay-signature", "AAAA", NoticeFault.SIGNATURE),
    ],
)
async def test_a_wrong_header_is_refused(
    pay: SimulatedPay, name: str, value: str, fault: NoticeFault
) -> None:
    await pay.paid()
    headers, body = pay.address.came[0]
    changed = [(key, value if key == name else old) for key, old in headers]
    assert fault_of(pay.address.notices.payment, changed, body) is fault


async def test_a_strangers_key_is_not_believed_and_not_fetched(pay: SimulatedPay) -> None:
    body = sealed({})
    stranger = keys()[0].headers(body, pay.clock(), "n")
    stranger["Wechatpay-Serial"] = "5A" + "0" * 36
    calls = sum(pay.sim.calls.values())
    read = pay.address.notices.payment
    assert fault_of(read, stranger.items(), body) is NoticeFault.SERIAL
    assert sum(pay.sim.calls.values()) == calls


async def test_a_key_counts_only_while_its_certificate_does(pay: SimulatedPay) -> None:
    body = sealed({})
    headers = signed(pay, body, "K")
    key = keys()[0].key.public_key()
    now = pay.clock()
    for valid, is_valid in (((now - 9, now + 9), True), ((now - 9, now - 1), False),
                            ((now + 1, now + 9), False)):  # fmt: skip
        notices = Notices(Verifier({"K": PlatformKey(key, *valid)}), Opener(V3_KEY), pay.clock)
        fault = fault_of(notices.payment, headers, body)
        assert fault is (NoticeFault.CONTENT if is_valid else NoticeFault.SERIAL)


async def test_a_notice_of_another_kind_is_refused_at_each_address(pay: SimulatedPay) -> None:
    paid = await pay.paid()
    await pay.gateway.refund(RefundOrder("rf-refund-1", paid.transaction_id, 100, 5_000, "退"))
    await pay.sim.timeline.advance(60)
    payment, refund = pay.address.came
    assert fault_of(pay.address.notices.refund, *payment) is NoticeFault.EVENT
    assert fault_of(pay.address.notices.payment, *refund) is NoticeFault.EVENT
    told = pay.address.notices.refund(*refund)
    ours = Refund("rf-refund-1", "tu-order-1", paid.transaction_id, MCHID, 100, 5_000)
    assert judge_refund(ours, told) is None


@pytest.mark.parametrize(
    "resource, envelope, fault",
    [
        ({}, {"event_type": "REFUND.SUCCESS"}, NoticeFault.EVENT),
        ({"original_type": "refund"}, {}, NoticeFault.EVENT),
        ({}, {"event_type": "TRANSACTION.CLOSED"}, NoticeFault.EVENT),
        ({}, {"resource_type": "plain"}, NoticeFault.ENVELOPE),
        ({}, {"resource": [1]}, NoticeFault.ENVELOPE),
        ({"algorithm": "AEAD_SM4_GCM"}, {}, NoticeFault.ENVELOPE),
        ({"ciphertext": ""}, {}, NoticeFault.ENVELOPE),
        ({"associated_data": "refund"}, {}, NoticeFault.DECRYPTION),
        ({"associated_data": ""}, {}, NoticeFault.DECRYPTION),
        ({"nonce": "0123456789aB"}, {}, NoticeFault.DECRYPTION),
        ({"nonce": "0123"}, {}, NoticeFault.DECRYPTION),
        ({"ciphertext": "AAAA"}, {}, NoticeFault.DECRYPTION),
        ({"ciphertext": "***"}, {}, NoticeFault.DECRYPTION),
    ],
)
async def test_a_wrong_envelope_under_a_right_signature_is_refused(
    pay: SimulatedPay, resource: dict[str, Any], envelope: dict[str, Any], fault: NoticeFault
) -> None:
    order = await pay.paid()
    envelope = dict(envelope)
    body = sealed(order.paid(), resource)
    body = json.dumps(json.loads(body) | envelope).encode()
    headers = signed(pay, body)
    assert fault_of(pay.address.notices.payment, headers, body) is fault


@pytest.mark.parametrize("status", ["SUCCESS", "ABNORMAL", "CLOSED"])
async def test_a_refund_event_tells_its_own_state(pay: SimulatedPay, status: str) -> None:
    paid = await pay.paid()
    await pay.gateway.refund(RefundOrder("rf-refund-1", paid.transaction_id, 100, 5_000, "退"))
    resource = {**pay.sim.orders.refunds[MCHID, "rf-refund-1"].noticed(), "refund_status": status}
    inner = {"original_type": "refund"}
    for event in ("REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED", "REFUND.OTHER"):
        body = sealed(resource, inner, event_type=event)
        headers = signed(pay, body)
        if event == f"REFUND.{status}":
            assert pay.address.notices.refund(headers, body).status.value == status
        else:
            fault = fault_of(pay.address.notices.refund, headers, body)
            assert fault is NoticeFault.EVENT
    body = sealed({**resource, "mchid": ""}, inner, event_type=f"REFUND.{status}")
    headers = signed(pay, body)
    assert fault_of(pay.address.notices.refund, headers, body) is NoticeFault.CONTENT


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'"x"', b"[" * 50_000], ids=repr
)
async def test_what_is_no_notice_is_refused(pay: SimulatedPay, body: bytes) -> None:
    headers = signed(pay, body)
    assert fault_of(pay.address.notices.payment, headers, body) is NoticeFault.ENVELOPE


async def test_one_that_is_too_long_is_not_even_verified(pay: SimulatedPay) -> None:
    body = b" " * (NOTICE_BYTES_MAX + 1)
    headers = signed(pay, body)
    assert fault_of(pay.address.notices.payment, headers, body) is NoticeFault.SIZE


async def test_old_xml_is_refused_fast_and_reaches_nobody(pay: SimulatedPay) -> None:
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        trap.settimeout(0.1)
        port = trap.getsockname()[1]
        bombs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        for declared in (
            f'<!ENTITY l0 SYSTEM "http://127.0.0.1:{port}/">',
            '<!ENTITY l0 SYSTEM "file:///etc/passwd">',
            f'<!ENTITY l0 "lol">{bombs}',
        ):
            body = f"<!DOCTYPE x [{declared}]><xml><a>&l0;&l9;</a></xml>".encode()
            headers = signed(pay, body)
            began = time.monotonic()
            fault = fault_of(pay.address.notices.payment, headers, body)
            assert fault is NoticeFault.ENVELOPE
            assert time.monotonic() - began < 0.05
        with pytest.raises(TimeoutError):
            trap.accept()


# --------------------------------------------------------------------------- the mutation set


def flipped(raw: bytes) -> Iterator[bytes]:
    """Every byte another, every byte gone, one more at the end, and halves of it."""
    for at in range(len(raw)):
        yield raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        yield raw[:at] + raw[at + 1 :]
    yield raw + b"\n"
    yield b"\xef\xbb\xbf" + raw
    yield raw[: len(raw) // 2]


async def test_no_changed_byte_of_a_body_is_believed(pay: SimulatedPay) -> None:
    await pay.paid()
    headers, body = pay.address.came[0]
    read = pay.address.notices.payment
    assert read(headers, body).total_fen == 5_000
    tried = 0
    for mutant in flipped(body):
        assert fault_of(read, headers, mutant) is NoticeFault.SIGNATURE
        tried += 1
    assert tried > 1_000


async def test_no_changed_byte_of_a_header_is_believed(pay: SimulatedPay) -> None:
    await pay.paid()
    headers, body = pay.address.came[0]
    read = pay.address.notices.payment
    believed, tried = [], 0
    for name, value in headers:
        if not name.startswith("wechatpay-"):
            continue
        for mutant in flipped(value.encode()):
            text = mutant.decode("latin-1")
            if text.strip() == value:
                continue  # white space around a value is not part of it
            changed = [(key, text if key == name else old) for key, old in headers]
            tried += 1
            with contextlib.suppress(NoticeRefusedError):
                believed.append((name, read(changed, body)))
    assert tried > 500
    assert believed == []


async def test_no_changed_byte_of_what_is_encrypted_is_believed(pay: SimulatedPay) -> None:
    """Signed by WeChat Pay's own key, so that only the encryption can tell."""
    order = await pay.paid()
    good = json.loads(sealed(order.paid()))
    body = json.dumps(good).encode()
    assert pay.address.notices.payment(signed(pay, body), body).total_fen == 5_000
    raw = base64.b64decode(good["resource"]["ciphertext"])
    mutants = [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(len(raw))]
    mutants += [raw[:-1], raw[:15], raw + b"\0"]
    for mutant in mutants:
        good["resource"]["ciphertext"] = base64.b64encode(mutant).decode()
        body = json.dumps(good).encode()
        headers = signed(pay, body)
        fault = fault_of(pay.address.notices.payment, headers, body)
        assert fault is NoticeFault.DECRYPTION


async def test_another_schools_apiv3_key_opens_nothing(pay: SimulatedPay) -> None:
    order = await pay.paid()
    body = sealed(order.paid())
    headers = signed(pay, body)
    notices = Notices(Verifier.read(pay.account), Opener(b"x" * 32), pay.clock)
    assert fault_of(notices.payment, headers, body) is NoticeFault.DECRYPTION


async def test_forged_ones_over_http_bring_nothing(pay: SimulatedPay) -> None:
    """Signed by a key that says it is WeChat Pay's."""
    order = await pay.paid()
    pay.address.payments.clear()
    platform = pay.sim.platform
    forger = type(platform)(platform.key_id, new_key(), platform.certificate, new_key())
    body = sealed(order.paid())
    url = pay.account.payment_notify_url
    async with httpx.AsyncClient(trust_env=False) as http:
        answers = await asyncio.gather(
            *(
                http.post(url, content=body, headers=headers)
                for headers in (
                    {},
                    forger.headers(body, pay.clock(), "n"),
                    forger.headers(body, pay.clock(), "n", platform.serial),
                    platform.headers(body + b" ", pay.clock(), "n"),
                )
            )
        )
    assert [one.status_code for one in answers] == [401] * 4
    assert pay.address.payments == []
