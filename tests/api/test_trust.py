"""What an office decides about trust, over real HTTP: thefts, drills, denylists it means."""

from __future__ import annotations

import pytest

from backend.domain.access import Role
from backend.domain.correction import CorrectionKind
from backend.domain.dispute import remedy_for
from backend.tables.payment import DisputeRow
from backend.tables.staff import AuditRow
from backend.usecases.disputes.read_disputes import read_open_disputes
from backend.usecases.terminals import report_stolen
from campus_code import Refusal, RefusedError, issue_code, verify_code
from tests.rig.office import SYSTEM, Office
from tests.rig.shop import Book, Shop
from tests.rig.tills import refused, terminal


async def test_one_action_answers_a_theft(shop: Shop) -> None:
    office = shop.office
    till, other, student = await shop.till(), await shop.till(), await shop.student()
    before = await shop.pay(till, shop.code(student), 100)
    office.clock.now += 60
    told = await shop.pay(till, shop.code(student, office.at), 1250)
    elsewhere = await shop.pay(other, shop.code(student, office.at + 15), 300)
    assert [one["outcome"] for one in (before, told, elsewhere)] == ["approved"] * 3
    admin = await office.staff(Role.ADMIN)
    path = f"/admin/terminals/{till.terminal_id}/thefts"
    theft = {"stolen_at": office.at - 30, "overlap_seconds": 3600, "reason": "gone overnight"}
    answer = await office.http.post(path, json=theft, headers=admin)
    assert answer.status_code == 201, answer.text
    report = answer.json()
    assert (report["payments"], report["charged_fen"], report["contested"]) == (1, 1250, 1)
    assert report["overlap_ends_at"] == office.at + 3600
    (dispute,) = await DisputeRow.all()
    assert (dispute.id, dispute.reason) == (told["payment_id"], "stolen_terminal")
    (waiting,) = await read_open_disputes(SYSTEM, after_id=0, lines_max=10)
    assert waiting.is_automatic  # nobody has looked at it: the phone says why, not what one said
    remedy = remedy_for(waiting)
    assert remedy is not None
    assert remedy.kind is CorrectionKind.VOID, "its count and limits are undone too"
    answer = await till.post(office.http, "/terminal/sync", till.report(office.at))
    refused(answer, 403, "terminal_revoked")
    await other.sync(office.http, office.at)
    assert other.keyring is not None
    old = student.secrets[0]
    assert verify_code(issue_code(old, office.at), other.keyring, office.at).epoch == old.epoch
    late = office.at + 3600  # the overlap closes itself
    with pytest.raises(RefusedError) as expired:
        verify_code(issue_code(old, late), other.keyring, late)
    assert expired.value.refusal is Refusal.EXPIRED_CREDENTIAL
    again = await office.http.post(path, json=theft, headers=admin)
    assert again.json() == report  # no keys are made twice, nothing is contested twice
    assert await AuditRow.filter(verb="terminals.stolen").count() == 1
    future = {**theft, "stolen_at": office.at + 10}
    refused(await office.http.post(path, json=future, headers=admin), 400, "invalid_input")
    path = "/admin/terminals/999999/thefts"
    refused(await office.http.post(path, json=theft, headers=admin), 404, "unknown_terminal")
    epochs = (await office.http.get("/admin/epochs", headers=admin)).json()["epochs"]
    assert [one["epoch"] for one in epochs[:2]] == sorted(report["epochs"], reverse=True)


async def test_a_second_report_goes_on_where_the_first_ended(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_stolen, "PAYMENTS_CONTESTED_MAX", 1)
    office = shop.office
    till, admin = await shop.till(), await office.staff(Role.ADMIN)
    for _ in range(2):
        student = await shop.student()
        assert (await shop.pay(till, shop.code(student), 100))["outcome"] == "approved"
    theft = {"stolen_at": office.at - 30, "overlap_seconds": 3600, "reason": "gone"}
    path = f"/admin/terminals/{till.terminal_id}/thefts"
    for contested in (1, 2, 2):
        answer = await office.http.post(path, json=theft, headers=admin)
        assert (answer.json()["payments"], answer.json()["contested"]) == (2, contested)


async def test_an_earlier_date_on_a_record_does_not_hide_it(shop: Shop) -> None:
    office = shop.office
    till, student, admin = await shop.till(), await shop.student(), await office.staff(Role.ADMIN)
    book = Book(shop, till)
    book.pay(student, 700, office.at)
    office.clock.now += 60
    assert (await book.upload(book.signed())).status_code == 200
    theft = {"stolen_at": office.at - 30, "overlap_seconds": 3600, "reason": "gone"}
    path = f"/admin/terminals/{till.terminal_id}/thefts"
    report = (await office.http.post(path, json=theft, headers=admin)).json()
    assert (report["payments"], report["charged_fen"], report["contested"]) == (1, 700, 1)


async def test_a_drill_is_ordered_told_heard_of_and_rolled_back(office: Office) -> None:
    first, second = await terminal(office), await terminal(office, "二号窗口")
    admin = await office.staff(Role.ADMIN)
    wanted = {"terminal_ids": [first.terminal_id], "seconds": 600, "reason": "before the exams"}
    answer = await office.http.post("/admin/drills", json=wanted, headers=admin)
    assert answer.status_code == 201, answer.text
    drill_id = answer.json()["drill_id"]
    refused(
        await office.http.post("/admin/drills", json=wanted, headers=admin), 409, "drill_under_way"
    )
    office.clock.now += 100
    assert (await first.sync(office.http, office.at))["drill"] == {"id": drill_id, "seconds": 500}
    assert (await second.sync(office.http, office.at))["drill"] is None
    readiness = {
        "drill": drill_id,
        "drill_payments": 7,
        "drill_fen": 8750,
        "drill_refusals": 2,
        "drill_milliseconds": 41,
    }
    await first.sync(office.http, office.at, readiness=readiness)
    await second.sync(office.http, office.at, readiness=readiness)  # was in no drill
    (report,) = (await office.http.get("/admin/drills", headers=admin)).json()["drills"]
    assert report["terminals"] == [
        {
            "terminal_id": first.terminal_id,
            "told_at": office.at,
            "payments": 7,
            "charged_fen": 8750,
            "refusals": 2,
            "decided_milliseconds_max": 41,
        }
    ]
    for _ in range(2):
        answer = await office.http.post(f"/admin/drills/{drill_id}/ends", headers=admin)
        assert answer.status_code == 200
    assert (await first.sync(office.http, office.at))["drill"] is None
    assert await AuditRow.filter(verb="drills.end").count() == 1
    answer = await office.http.post("/admin/drills", json=wanted, headers=admin)
    office.clock.now += 600
    assert (await first.sync(office.http, office.at))["drill"] is None  # it ended by itself
    for wrong, status, word in (
        ({**wanted, "seconds": 3601}, 400, "invalid_input"),
        ({**wanted, "terminal_ids": []}, 400, "invalid_input"),
        ({**wanted, "terminal_ids": [first.terminal_id, 999_999]}, 404, "unknown_terminal"),
    ):
        refused(await office.http.post("/admin/drills", json=wrong, headers=admin), status, word)
    refused(await office.http.post("/admin/drills/999/ends", headers=admin), 404, "unknown_drill")


async def test_a_denylist_is_confirmed_by_an_admin(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    student = await office.student()
    answer = await office.http.post(
        "/student/freezes", json={"parts": ["money"]}, headers=student.headers
    )
    standing = (await office.http.get("/admin/denylist", headers=admin)).json()
    assert standing["is_meant"] is True
    path = "/admin/denylist/confirmations"
    version = standing["version"]
    refused(
        await office.http.post(path, json={"version": version + 1, "reason": "x"}, headers=admin),
        400,
        "invalid_input",
    )
    assert version >= 1, answer.text
    body = {"version": version, "reason": "looked at"}
    answer = await office.http.post(path, json=body, headers=admin)
    assert (answer.status_code, answer.json()["confirmed_version"]) == (201, version)
