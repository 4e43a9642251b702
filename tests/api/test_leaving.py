"""Graduation over real HTTP: two clerks open it, the student taps once, the card can be closed."""

from __future__ import annotations

from backend.domain.access import Role
from tests.rig.desk import Desk, open_desk
from tests.rig.paying import Paying

DAY = 86_400


async def opened(desk: Desk, *numbers: str) -> int:
    """A leaving for these people, from now on for a month."""
    at = desk.paying.at
    body = {
        "request_key": "leaving-2026",
        "name": "2026届毕业生",
        "opens_at": at,
        "closes_at": at + 30 * DAY,
        "numbers": list(numbers),
    }
    asked = await desk.post("/staff/leavings", body)
    assert (asked.status_code, asked.json()["decision"]) == (201, "waiting"), asked.text
    leaving_id: int = asked.json()["leaving_id"]
    path = f"/staff/leavings/{leaving_id}/approvals"
    assert (await desk.post(path)).json()["error"] == "two_people"
    assert (await desk.post(path, who=desk.other)).json()["decision"] == "approved"
    return leaving_id


async def test_one_tap_and_the_card_can_be_closed(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    lots = [await desk.top_up(student, fen) for fen in (3_000, 2_000)]
    told = await desk.get("/student/leaving", student.headers)
    assert (told["is_open"], told["balance_fen"], told["cash_fen"]) == (False, 5_000, 0)
    assert [one["lot_id"] for one in told["lots"]] == [lot.id for lot in lots]
    body = {"request_key": "tap-00001"}
    early = await desk.post("/student/leaving/refunds", body, student.headers)
    assert (early.status_code, early.json()["error"]) == (403, "not_leaving")
    await opened(desk, student.number)
    for _ in range(2):
        sent = await desk.post("/student/leaving/refunds", body, student.headers)
        assert (sent.status_code, sent.json()["balance_fen"]) == (201, 0)
        assert [one["state"] for one in sent.json()["refunds"]] == ["booked", "booked"]
    await desk.work()
    await paying.advance(60)
    done = await desk.get("/student/leaving", student.headers)
    assert [one["state"] for one in done["refunds"]] == ["done", "done"]
    payer = paying.openids[student.session]
    back = list(paying.sim.orders.refunds.values())
    assert {one.order.asked["payer"]["openid"] for one in back} == {payer}
    office = await paying.office.staff(Role.CARD_OFFICE)
    closed = await desk.post(f"/staff/cards/{student.card_id}/closures", who=office)
    assert closed.status_code == 201, closed.text


async def test_nobody_else_leaves_by_it_and_it_may_be_ended(paying: Paying) -> None:
    desk, student, other = await open_desk(paying), await paying.student(), await paying.student()
    await desk.top_up(other, 1_000)
    leaving_id = await opened(desk, student.number)
    body = {"request_key": "tap-00001"}
    stranger = await desk.post("/student/leaving/refunds", body, other.headers)
    assert stranger.status_code == 403
    assert await desk.balance(other) == 1_000
    assert (await desk.post(f"/staff/leavings/{leaving_id}/ends")).json()["ended_at"] == paying.at
    assert not (await desk.get("/student/leaving", student.headers))["is_open"]
    (told,) = (await desk.get("/staff/leavings"))["leavings"]
    assert (told["holders"], told["decision"]) == (1, "approved")
    rejected = await desk.post(f"/staff/leavings/{leaving_id}/rejections", who=desk.other)
    assert rejected.json()["error"] == "decided_already"
