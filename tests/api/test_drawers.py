"""The counter over real HTTP: a drawer opened, cash in and out, closed as it was counted."""

from __future__ import annotations

from backend.domain.access import Role
from backend.tables.staff import AuditRow
from tests.rig.desk import Desk, open_desk
from tests.rig.office import Student
from tests.rig.paying import Paying


async def bring(desk: Desk, student: Student, fen: int, key: str = "counter-1") -> int:
    body = {"request_key": key, "purse": "cash", "amount_fen": fen, "reason": "现金充值"}
    return (await desk.post(f"/staff/cardholders/{student.holder_id}/credits", body)).status_code


async def test_a_day_at_the_counter(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    assert await bring(desk, student, 700) == 409, "no drawer yet"
    opened = await desk.post("/staff/drawers", {"opened_fen": 5_000})
    assert (opened.status_code, opened.json()["state"]) == (201, "open")
    assert opened.json()["expected_fen"] is None, "it is counted before it is told"
    assert await bring(desk, student, 700) == 201
    asked = await desk.post(
        "/staff/cash-outs",
        {
            "request_key": "counter-out",
            "holder_id": student.holder_id,
            "amount_fen": 200,
            "reason": "取现",
        },
    )
    assert (asked.status_code, asked.json()["state"]) == (201, "waiting")
    path = f"/staff/cash-outs/{asked.json()['request_id']}/approvals"
    assert (await desk.post(path)).status_code == 403
    assert len((await desk.get("/staff/cash-outs"))["cash_outs"]) == 1
    assert (await desk.post(path, who=desk.other)).json()["state"] == "approved"
    assert (await desk.get("/staff/cash-outs"))["cash_outs"] == []
    (done,) = (await desk.get("/staff/cash-outs?state=approved"))["cash_outs"]
    assert done["amount_fen"] == 200
    assert await desk.balance(student) == 500
    drawer = f"/staff/drawers/{opened.json()['drawer_id']}"
    refused = await desk.post(f"{drawer}/closings", {"counted_fen": 5_490})
    assert (refused.status_code, refused.json()["evidence"]["field"]) == (400, "note")
    closed = await desk.post(f"{drawer}/closings", {"counted_fen": 5_490, "note": "少一角"})
    assert (closed.json()["state"], closed.json()["expected_fen"]) == ("differs", 5_500)
    assert (await desk.post(f"{drawer}/approvals")).status_code == 403
    assert (await desk.post(f"{drawer}/approvals", who=desk.other)).json()["state"] == "closed"
    (told,) = (await desk.get("/staff/drawers"))["drawers"]
    assert (told["state"], told["note"]) == ("closed", "少一角")
    trail = await AuditRow.filter(verb__startswith="drawers.").order_by("id")
    assert [line.verb for line in trail] == ["drawers.open", "drawers.close", "drawers.approve"]


async def test_a_cash_out_may_be_refused(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    await desk.post("/staff/drawers", {"opened_fen": 0})
    await bring(desk, student, 700)
    body = {"request_key": "counter-out", "holder_id": student.holder_id, "reason": "取现"}
    over = await desk.post("/staff/cash-outs", {**body, "amount_fen": 701})
    assert (over.status_code, over.json()["error"]) == (409, "more_than_cash")
    asked = (await desk.post("/staff/cash-outs", {**body, "amount_fen": 700})).json()
    path = f"/staff/cash-outs/{asked['request_id']}/rejections"
    assert (await desk.post(path, who=desk.other)).json()["state"] == "rejected"
    assert await desk.balance(student) == 700


async def test_the_card_office_works_a_drawer_and_approves_none(paying: Paying) -> None:
    desk = await open_desk(paying)
    office = await paying.office.staff(Role.CARD_OFFICE)
    opened = await desk.post("/staff/drawers", {"opened_fen": 100}, office)
    assert opened.status_code == 201
    path = f"/staff/drawers/{opened.json()['drawer_id']}"
    assert (await desk.post(f"{path}/closings", {"counted_fen": 100})).status_code == 404
    assert (await desk.post(f"{path}/approvals", who=office)).status_code == 403
    closed = await desk.post(f"{path}/closings", {"counted_fen": 100}, office)
    assert closed.json()["state"] == "closed"
