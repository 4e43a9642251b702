"""The rig of a school with both partners works before anything is built on it."""

from __future__ import annotations

from backend.domain.wechat_pay import Prepay
from tests.rig.paying import Paying


async def test_both_partners_and_the_school_share_a_clock(paying: Paying) -> None:
    student = await paying.student("o-first")
    assert paying.openids[student.session] == "o-first"
    order = Prepay("tu-order-1", 500, "o-first", "充值", paying.at + 1800)
    await paying.office.parts.pay.prepay(order)
    await paying.advance(100)
    paying.pay("tu-order-1")
    told = await paying.office.parts.pay.find("tu-order-1")
    assert told.success_at == paying.at == paying.office.clock.now
