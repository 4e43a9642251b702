"""Bills from the gateway to the parser to the reconciliation, and what may go wrong on the way."""

from __future__ import annotations

import gzip
import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.domain.bill_text import BILL_BYTES_MAX, BillFault, BillRefusedError
from backend.domain.reconciliation import (
    Booked,
    Books,
    Cause,
    Ordered,
    Returned,
    Subject,
    reconcile,
    reconcile_funds,
)
from backend.domain.top_up import TopUpState
from backend.domain.wechat_bill import ExpectedBill, LineKind, read_fund_bill, read_trade_bill
from backend.domain.wechat_pay import (
    BillKind,
    BillNotReadyError,
    NoBillError,
    RefundOrder,
    RefundStatus,
    WechatPayAwayError,
    WechatPayFaultError,
)
from backend.gateways import wechat_pay
from tests.rig.wechat_pay import APP_ID, DAY, MCHID, MORNING, SimulatedPay

EXPECTED = ExpectedBill(DAY, MCHID, frozenset({APP_ID}))


async def busy_day(pay: SimulatedPay) -> Books:
    """Three payments and a refund, and our own books of them; the next morning."""
    orders, lines = [], []
    for number, fen in (("tu-order-1", 5_000), ("tu-order-2", 12_345), ("tu-order-3", 1)):
        paid = await pay.paid(number, fen)
        orders.append(Ordered(number, fen, TopUpState.PAID, paid.transaction_id, DAY))
        lines.append(Booked(Subject.PAYMENT, number, paid.transaction_id, fen, DAY))
    back = orders[0]
    order = RefundOrder("rf-refund-1", back.transaction_id, 2_000, 5_000, "退款,`含逗号")
    await pay.gateway.refund(order)
    returned = Returned("rf-refund-1", back.transaction_id, 2_000, RefundStatus.PROCESSING, DAY)
    lines.append(Booked(Subject.REFUND, "rf-refund-1", back.transaction_id, 2_000, DAY))
    await pay.sim.timeline.advance(MORNING - pay.clock())
    return Books(orders, (returned,), lines, fee_fen=30 + 74 + 0 - 12)


async def test_a_day_is_fetched_read_and_reconciled(pay: SimulatedPay) -> None:
    books = await busy_day(pay)
    trade = read_trade_bill((await pay.gateway.bill(BillKind.TRADE, DAY)).raw, EXPECTED)
    funds = read_fund_bill((await pay.gateway.bill(BillKind.FUND_FLOW, DAY)).raw, EXPECTED)
    assert [line.amount_fen for line in trade.lines] == [5_000, 12_345, 1, 2_000]
    assert [line.kind for line in trade.lines] == [*[LineKind.PAYMENT] * 3, LineKind.REFUND]
    assert trade.fee_fen == 92
    assert sum(line.amount_fen for line in funds.lines) == 5_000 + 12_345 + 1 - 2_000 - 92
    assert reconcile(trade, books) == ()
    assert reconcile_funds(trade, funds) == ()


async def test_a_bill_that_differs_by_one_fen_is_itemised(pay: SimulatedPay) -> None:
    books = await busy_day(pay)
    await pay.steer("faults", what="bills", kind="one_fen")
    trade = read_trade_bill((await pay.gateway.bill(BillKind.TRADE, DAY)).raw, EXPECTED)
    (found,) = reconcile(trade, books)
    assert (found.reference, found.cause) == ("tu-order-1", Cause.AMOUNT)
    assert (found.bill_fen, found.ours_fen, found.ledger_fen) == (5_001, 5_000, 5_000)
    assert not found.is_safe


async def test_a_row_that_is_missing_is_found(pay: SimulatedPay) -> None:
    books = await busy_day(pay)
    await pay.steer("faults", what="bills", kind="row_missing")
    trade = read_trade_bill((await pay.gateway.bill(BillKind.TRADE, DAY)).raw, EXPECTED)
    found = [(one.reference, one.cause) for one in reconcile(trade, books)]
    assert found == [("tu-order-1", Cause.UNPROVEN), ("fee", Cause.FEE)]


@pytest.mark.parametrize(
    "kind, fault",
    [
        ("row_twice", BillFault.REPEATED_LINE),
        ("wrong_sum", BillFault.TOTALS),
        ("cut", BillFault.NO_SUMMARY),
        ("other_merchant", BillFault.MERCHANT),
    ],
)
async def test_a_wrong_file_is_refused_with_its_reason(
    pay: SimulatedPay, kind: str, fault: BillFault
) -> None:
    await busy_day(pay)
    await pay.steer("faults", what="bills", kind=kind)
    file = await pay.gateway.bill(BillKind.TRADE, DAY)
    with pytest.raises(BillRefusedError) as caught:
        read_trade_bill(file.raw, EXPECTED)
    assert caught.value.fault is fault


async def test_a_bill_is_not_there_before_ten(pay: SimulatedPay) -> None:
    await pay.paid()
    await pay.sim.timeline.advance(MORNING - pay.clock() - 2)
    with pytest.raises(BillNotReadyError):
        await pay.gateway.bill(BillKind.TRADE, DAY)
    await pay.sim.timeline.advance(2)
    assert (await pay.gateway.bill(BillKind.TRADE, DAY)).raw


async def test_a_day_without_trade_has_no_bill(pay: SimulatedPay) -> None:
    await pay.sim.timeline.advance(MORNING - pay.clock())
    for kind in BillKind:
        with pytest.raises(NoBillError):
            await pay.gateway.bill(kind, DAY)
    with pytest.raises(WechatPayFaultError):
        await pay.gateway.bill(BillKind.TRADE, DAY - timedelta(days=100))


@pytest.mark.parametrize("kind, code", [("hash", "BILL_HASH"), ("hash_type", "BILL_HASH_TYPE")])
async def test_a_bill_whose_hash_differs_is_not_used(
    pay: SimulatedPay, kind: str, code: str
) -> None:
    await busy_day(pay)
    await pay.steer("faults", what="bills", kind=kind)
    with pytest.raises(WechatPayFaultError) as caught:
        await pay.gateway.bill(BillKind.TRADE, DAY)
    assert caught.value.code == code


async def test_a_bill_elsewhere_is_not_fetched(pay: SimulatedPay) -> None:
    await busy_day(pay)
    await pay.steer("faults", what="bills", kind="address")
    with pytest.raises(WechatPayFaultError) as caught:
        await pay.gateway.bill(BillKind.TRADE, DAY)
    assert caught.value.code == "BILL_ADDRESS"


async def test_only_their_own_address_is_fetched_from(pay: SimulatedPay) -> None:
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        trap.settimeout(0.1)
        port = trap.getsockname()[1]
        own = pay.url.removeprefix("http://")
        for url in (
            f"http://127.0.0.1:{port}/v3/billdownload/file?token=x",
            f"http://{own}@127.0.0.1:{port}/v3/billdownload/file",
            f"http://127.0.0.1:{port}\\@{own}/v3",
            f"http://x@{own}/v3/billdownload/file",
            f"https://{own}/v3/billdownload/file",
            "http://169.254.169.254/latest/meta-data/",
            "file:///etc/passwd",
            f"{pay.url}/\x00",
            "//127.0.0.1/x",
            "",
        ):
            with pytest.raises(WechatPayFaultError, match="BILL_ADDRESS"):
                await pay.gateway._wire.download(url)
        with pytest.raises(TimeoutError):
            trap.accept()


async def test_a_token_is_over_after_five_minutes(pay: SimulatedPay) -> None:
    await busy_day(pay)
    merchant = pay.merchant
    query = {"bill_date": DAY.isoformat(), "tar_type": "GZIP"}
    token, _ = pay.sim.bills.order(merchant, "tradebill", query, lambda raw: raw)
    url = f"{pay.url}/v3/billdownload/file?token={token}"
    assert gzip.decompress(await pay.gateway._wire.download(url))
    await pay.sim.timeline.advance(301)
    with pytest.raises(Exception, match="INVALID_REQUEST"):
        await pay.gateway._wire.download(url)


@pytest.mark.parametrize("kind", ["redirect", "garbage", "unavailable"])
async def test_a_broken_download_is_no_bill(pay: SimulatedPay, kind: str) -> None:
    await busy_day(pay)
    await pay.steer("faults", path="/v3/billdownload", kind=kind)
    with pytest.raises((WechatPayAwayError, WechatPayFaultError)):
        await pay.gateway.bill(BillKind.TRADE, DAY)


def test_what_unzips_to_too_much_is_refused_before_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wechat_pay, "BILL_BYTES_MAX", 1_000)
    assert wechat_pay._unzip(gzip.compress(b"x" * 1_000)) == b"x" * 1_000
    with pytest.raises(WechatPayFaultError, match="BILL_SIZE"):
        wechat_pay._unzip(gzip.compress(b"x" * 1_001))
    assert BILL_BYTES_MAX > 1_000_000


@pytest.mark.parametrize(
    "zipped",
    [
        b"",
        b"not gzip",
        gzip.compress(b"x" * 99, mtime=0)[:-9],
        gzip.compress(b"x", mtime=0) + b"more",
    ],
)
def test_what_is_no_whole_gzip_is_refused(zipped: bytes) -> None:
    with pytest.raises(WechatPayFaultError, match="BILL_GZIP"):
        wechat_pay._unzip(zipped)


async def test_the_same_file_twice_is_refused(pay: SimulatedPay) -> None:
    await busy_day(pay)
    raw = (await pay.gateway.bill(BillKind.TRADE, DAY)).raw
    digest = read_trade_bill(raw, EXPECTED).digest
    with pytest.raises(BillRefusedError) as caught:
        read_trade_bill(raw, replace(EXPECTED, digests_seen=frozenset({digest})))
    assert caught.value.fault is BillFault.REPEATED_FILE


async def test_the_bill_of_another_day_is_refused(pay: SimulatedPay) -> None:
    await busy_day(pay)
    for kind, read in ((BillKind.TRADE, read_trade_bill), (BillKind.FUND_FLOW, read_fund_bill)):
        raw = (await pay.gateway.bill(kind, DAY)).raw
        with pytest.raises(BillRefusedError) as caught:
            read(raw, replace(EXPECTED, day_on=DAY + timedelta(days=1)))
        assert caught.value.fault is BillFault.DAY
