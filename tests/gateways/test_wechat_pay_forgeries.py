"""Forged notices: none is believed, whatever was changed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from backend.domain.top_up import Refund, judge_refund
from backend.domain.wechat_pay import NoticeFault, NoticeRefusedError, RefundOrder
from backend.gateways.wechat_pay_notice import NOTICE_BYTES_MAX, Notices
from backend.gateways.wechat_pay_signing import Opener, PlatformKey, Verifier
from simulators.wechat_pay.keys import new_key
from tests.rig.notices import fault_of, sealed, signed
from tests.rig.wechat_pay import (
    MCHID,
    V3_KEY,
    SimulatedPay,
    keys,
)


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


async def test_a_refund_that_cannot_be_read_is_refused(pay: SimulatedPay) -> None:
    paid = await pay.paid()
    await pay.gateway.refund(RefundOrder("rf-refund-1", paid.transaction_id, 100, 5_000, "退"))
    resource = pay.sim.orders.refunds[MCHID, "rf-refund-1"].noticed()
    inner, event = {"original_type": "refund"}, "REFUND.SUCCESS"
    for content, envelope, fault in (
        ({**resource, "refund_status": "WHATEVER"}, {}, NoticeFault.CONTENT),
        ({**resource, "refund_status": "SUCCESS", "amount": {}}, {}, NoticeFault.CONTENT),
        ([resource], {}, NoticeFault.CONTENT),
        (resource, {"event_type": "TRANSACTION.SUCCESS"}, NoticeFault.EVENT),
    ):
        body = sealed(content, inner, **({"event_type": event} | envelope))
        assert fault_of(pay.address.notices.refund, signed(pay, body), body) is fault


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
    """Every byte another, every byte gone, one more everywhere, and a half of it."""
    for at in range(len(raw)):
        yield raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        yield raw[:at] + raw[at + 1 :]
        yield raw[:at] + b"!" + raw[at:]
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
