"""WeChat's order management is told of each top-up once, and its one correction is never wasted."""

from __future__ import annotations

import pytest
import pytest_asyncio

from backend.tables.shipment import ShipmentRow
from backend.tables.top_up import TopUpRow
from backend.usecases.shipments.ship import ship
from tests.rig.billing import Billing
from tests.rig.paying import Paying

UPLOAD = "/wxa/sec/order/upload_shipping_info"
ORDER = "/wxa/sec/order/get_order"


@pytest_asyncio.fixture
async def billing(paying: Paying) -> Billing:
    """A school whose WeChat knows the payments it is told."""
    paying.wechat.partner.payments = {}
    return Billing(paying, await paying.student("o-bill"))


async def paid(billing: Billing, *, is_known: bool = True) -> str:
    """A credited top-up; its transaction id."""
    number = await billing.paid()
    transaction_id = billing.paying.held(number).transaction_id
    if is_known:
        know(billing, transaction_id)
    return transaction_id


def know(billing: Billing, transaction_id: str) -> None:
    payments = billing.paying.wechat.partner.payments
    assert payments is not None
    payments[transaction_id] = "o-bill"


async def run(billing: Billing) -> int:
    parts = billing.paying.office.parts
    return await ship(parts.ledger, parts.wechat, parts.vault, at=billing.paying.at)


async def test_each_paid_top_up_is_told_once(billing: Billing) -> None:
    await billing.order()  # not paid: nothing to tell
    first, second = await paid(billing), await paid(billing)
    partner = billing.paying.wechat.partner
    assert await run(billing) == 2
    await billing.paying.advance(86_400)
    assert await run(billing) == 0
    assert set(partner.shipments) == {first, second}
    assert [len(one) for one in partner.shipments.values()] == [1, 1]
    (said,) = partner.shipments[first]
    assert said["order_key"] == {"order_number_type": 2, "transaction_id": first}
    assert (said["logistics_type"], said["delivery_mode"]) == (3, 1)
    assert said["shipping_list"] == [{"item_desc": "校园卡充值"}]
    assert said["payer"] == {"openid": "o-bill"}
    assert said["upload_time"] == "2026-01-01T12:00:00.000+08:00"
    row = await ShipmentRow.filter(transaction_id=first).get()
    assert (row.state, row.uploads, row.told_at) == ("told", 1, billing.paying.at - 86_400)


async def test_a_payment_it_does_not_know_yet_is_told_later(billing: Billing) -> None:
    transaction_id = await paid(billing, is_known=False)
    assert await run(billing) == 0
    row = await ShipmentRow.get()
    assert (row.state, row.uploads, row.fault) == ("due", 0, "10060001")
    assert await run(billing) == 0  # not before its time
    know(billing, transaction_id)
    await billing.paying.advance(300)
    assert await run(billing) == 1
    assert len(billing.paying.wechat.partner.shipments[transaction_id]) == 1


@pytest.mark.parametrize("kind", ["busy", "error", "garbage"])
async def test_when_it_is_away_it_is_asked_what_it_knows_first(billing: Billing, kind: str) -> None:
    transaction_id = await paid(billing)
    wechat = billing.paying.wechat
    wechat.faults.plan(UPLOAD, kind, 1)
    assert await run(billing) == 0
    assert (await ShipmentRow.get()).state == "due"
    await billing.paying.advance(300)
    assert await run(billing) == 1
    assert wechat.partner.calls[ORDER] == 1
    assert len(wechat.partner.shipments[transaction_id]) == 1


async def test_what_arrived_though_its_answer_was_lost_is_not_repeated(billing: Billing) -> None:
    transaction_id = await paid(billing)
    wechat = billing.paying.wechat
    wechat.faults.plan(UPLOAD, "garbage", 1)
    await run(billing)
    wechat.partner.shipments[transaction_id] = [{"shipping_list": ["arrived"]}]
    await billing.paying.advance(300)
    assert await run(billing) == 1
    assert wechat.partner.shipments[transaction_id] == [{"shipping_list": ["arrived"]}]
    assert wechat.partner.calls[UPLOAD] == 1


async def test_another_payer_is_a_fault_that_waits_for_a_person(billing: Billing) -> None:
    transaction_id = await paid(billing)
    payments = billing.paying.wechat.partner.payments
    assert payments is not None
    payments[transaction_id] = "o-somebody-else"
    assert await run(billing) == 0
    row = await ShipmentRow.get()
    assert (row.state, row.fault, row.due_at) == ("failed", "10060031", 0)


async def test_a_payment_that_no_phone_ordered_has_nobody_to_be_told_of(billing: Billing) -> None:
    await paid(billing)
    await TopUpRow.all().update(wechat_id=0)
    assert await run(billing) == 0
    row = await ShipmentRow.get()
    assert (row.state, row.fault) == ("failed", "no_payer")
    assert billing.paying.wechat.partner.shipments == {}
