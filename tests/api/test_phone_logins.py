"""A student's phone logs in by WeChat: bound once, known again, and nobody else's."""

from __future__ import annotations

import asyncio
import logging

import pytest

from backend.api.limits import Bucket
from backend.domain.access import Role
from backend.domain.phone import PHONE_SESSION_SECONDS
from backend.tables.card import CardRow, PhoneRow
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import ContactRow
from backend.tables.staff import AuditRow
from backend.tables.wechat import WechatRow
from backend.usecases.cards.close_card import close_card
from backend.usecases.cards.report_loss import report_loss
from campus_code import CardState
from tests.rig.office import SYSTEM, Office
from tests.rig.wechat import LOGIN, SECRET, SimulatedWechat

NUMBER = "13800000001"


async def bind(phones: Office, wechat: SimulatedWechat, card: CardRow, openid: str) -> str:
    """Bind a phone with a code and an account; its session."""
    login = wechat.partner.login_code(openid)
    body = {"code": await phones.code(card.id), "wechat_code": login}
    answer = await phones.http.post("/student/bindings", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["session"])


async def knows(phones: Office, session: str) -> bool:
    """Whether a session still opens the card page."""
    headers = {"authorization": f"Bearer {session}"}
    return (await phones.http.get("/student/card", headers=headers)).status_code == 200


async def note_number(phones: Office, holder_id: int, phone: str = NUMBER) -> None:
    """Let the office note a cardholder's own number."""
    clerk = await phones.staff(Role.CARD_OFFICE)
    path = f"/staff/cardholders/{holder_id}/contacts"
    answer = await phones.http.post(path, json={"kind": "self", "phone": phone}, headers=clerk)
    assert answer.status_code == 201


def codes(wechat: SimulatedWechat, openid: str = "oMe", phone: str = NUMBER) -> dict[str, str]:
    """What the phone-number button and wx.login give."""
    partner = wechat.partner
    return {"phone_code": partner.phone_code(phone), "wechat_code": partner.login_code(openid)}


async def test_a_bound_phone_is_known_again(phones: Office, wechat: SimulatedWechat) -> None:
    card = await phones.card((await phones.holder()).id)
    first = await bind(phones, wechat, card, "oMe")
    body = {"wechat_code": wechat.partner.login_code("oMe")}
    answer = await phones.http.post("/student/sessions", json=body)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["card_number"], told["issue"]) == (card.number, 1)
    assert told["expires_at"] == phones.at + PHONE_SESSION_SECONDS
    assert await knows(phones, told["session"])
    assert not await knows(phones, first), "a phone has one session"
    again = await phones.http.post("/student/sessions", json=body)
    assert (again.status_code, again.json()["error"]) == (401, "wrong_wechat_code")
    assert await PhoneRow.all().count() == 1
    assert "oMe" not in str(await WechatRow.all().values())


async def test_another_account_is_not_bound(phones: Office, wechat: SimulatedWechat) -> None:
    card = await phones.card((await phones.holder()).id)
    await bind(phones, wechat, card, "oMe")
    for openid in ("oYou", "ome"):  # MariaDB compares without case
        body = {"wechat_code": wechat.partner.login_code(openid)}
        answer = await phones.http.post("/student/sessions", json=body)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_bound")


async def test_a_new_phone_ends_the_old_ones_login(phones: Office, wechat: SimulatedWechat) -> None:
    card = await phones.card((await phones.holder()).id)
    await bind(phones, wechat, card, "oOld")
    await bind(phones, wechat, card, "oNew")
    for openid, status in (("oOld", 404), ("oNew", 201)):
        body = {"wechat_code": wechat.partner.login_code(openid)}
        answer = await phones.http.post("/student/sessions", json=body)
        assert answer.status_code == status


async def test_an_account_with_two_cards_keeps_the_one_that_is_still_bound(
    phones: Office, wechat: SimulatedWechat
) -> None:
    first, second = [await phones.card((await phones.holder()).id) for _ in range(2)]
    await bind(phones, wechat, first, "oMe")
    await bind(phones, wechat, second, "oMe")
    await bind(phones, wechat, second, "oOther")
    body = {"wechat_code": wechat.partner.login_code("oMe")}
    answer = await phones.http.post("/student/sessions", json=body)
    assert (answer.status_code, answer.json()["card_number"]) == (201, first.number)


async def test_a_lost_card_lets_nobody_log_in(phones: Office, wechat: SimulatedWechat) -> None:
    card = await phones.card((await phones.holder()).id)
    await bind(phones, wechat, card, "oMe")
    await report_loss(card.id, actor=SYSTEM, at=phones.at, bus=phones.parts.bus)
    body = {"wechat_code": wechat.partner.login_code("oMe")}
    assert (await phones.http.post("/student/sessions", json=body)).status_code == 404


async def test_a_phone_bound_without_an_account_cannot_log_in(
    phones: Office, wechat: SimulatedWechat
) -> None:
    await phones.student()
    body = {"wechat_code": wechat.partner.login_code("oMe")}
    assert (await phones.http.post("/student/sessions", json=body)).status_code == 404


async def test_a_wrong_wechat_code_uses_no_binding_code(
    phones: Office, wechat: SimulatedWechat
) -> None:
    card = await phones.card((await phones.holder()).id)
    code = await phones.code(card.id)
    body = {"code": code, "wechat_code": "never given"}
    answer = await phones.http.post("/student/bindings", json=body)
    assert (answer.status_code, answer.json()["error"]) == (401, "wrong_wechat_code")
    wechat.faults.plan(LOGIN, "error", 1)
    assert (await phones.http.post("/student/bindings", json=body)).status_code == 503
    body["wechat_code"] = wechat.partner.login_code("oMe")
    assert (await phones.http.post("/student/bindings", json=body)).status_code == 201


async def test_the_schools_number_binds_without_paper(
    phones: Office, wechat: SimulatedWechat
) -> None:
    student = await phones.student()
    await note_number(phones, student.holder_id, "+86 138-0000-0001")
    answer = await phones.http.post("/student/phone-bindings", json=codes(wechat))
    assert answer.status_code == 201
    told = answer.json()
    assert (told["card_number"], told["issue"], len(told["secrets"])) == (student.card_number, 2, 2)
    assert await knows(phones, told["session"])
    assert not await knows(phones, student.session), "the phone before it is out"
    body = {"wechat_code": wechat.partner.login_code("oMe")}
    assert (await phones.http.post("/student/sessions", json=body)).status_code == 201
    kept = str(await ContactRow.all().values())
    assert NUMBER not in kept
    assert "0001" in kept


async def test_a_number_nobody_or_several_have_binds_nobody(
    phones: Office, wechat: SimulatedWechat
) -> None:
    one, other, guardian = [await phones.student() for _ in range(3)]
    answer = await phones.http.post("/student/phone-bindings", json=codes(wechat))
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_phone")
    clerk = await phones.staff(Role.CARD_OFFICE)
    path = f"/staff/cardholders/{guardian.holder_id}/contacts"
    body = {"kind": "guardian", "phone": NUMBER}
    await phones.http.post(path, json=body, headers=clerk)
    answer = await phones.http.post("/student/phone-bindings", json=codes(wechat))
    assert answer.status_code == 404, "a guardian's number is not the holder's"
    await note_number(phones, one.holder_id)
    await note_number(phones, other.holder_id)
    answer = await phones.http.post("/student/phone-bindings", json=codes(wechat))
    assert (answer.status_code, answer.json()["error"]) == (409, "several_cardholders")
    await CardholderRow.filter(id=other.holder_id).update(is_active=False)
    answer = await phones.http.post("/student/phone-bindings", json=codes(wechat))
    assert (answer.status_code, answer.json()["card_number"]) == (201, one.card_number)


async def test_a_found_phone_does_not_bring_a_lost_card_back(
    phones: Office, wechat: SimulatedWechat
) -> None:
    student = await phones.student()
    await note_number(phones, student.holder_id)
    await report_loss(student.card_id, actor=SYSTEM, at=phones.at, bus=phones.parts.bus)
    answer = await phones.http.post("/student/phone-bindings", json=codes(wechat))
    assert (answer.status_code, answer.json()["error"]) == (409, "card_lost")
    assert (await CardRow.get(id=student.card_id)).state == CardState.LOST


async def test_who_has_no_card_is_told_so(phones: Office, wechat: SimulatedWechat) -> None:
    student = await phones.student()
    await note_number(phones, student.holder_id)
    await close_card(student.card_id, actor=SYSTEM, at=phones.at, bus=phones.parts.bus)
    answer = await phones.http.post("/student/phone-bindings", json=codes(wechat))
    assert (answer.status_code, answer.json()["error"]) == (409, "no_card")


async def test_ten_logins_at_once_leave_one_session(
    phones: Office, wechat: SimulatedWechat
) -> None:
    card = await phones.card((await phones.holder()).id)
    await bind(phones, wechat, card, "oMe")
    answers = await asyncio.gather(
        *(
            phones.http.post(
                "/student/sessions", json={"wechat_code": wechat.partner.login_code("oMe")}
            )
            for _ in range(10)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    alive = [await knows(phones, answer.json()["session"]) for answer in answers]
    assert alive.count(True) == 1


@pytest.mark.parametrize("path", ["/student/sessions", "/guardian/sessions"])
async def test_logins_are_tried_so_often_and_no_more(
    phones: Office, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bucket.WECHAT, "allowed", 5)
    statuses = [
        (await phones.http.post(path, json={"wechat_code": "x"})).status_code for _ in range(7)
    ]
    assert statuses == [401] * 5 + [429] * 2


async def test_no_account_and_no_number_is_written_down(
    phones: Office, wechat: SimulatedWechat, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        student = await phones.student()
        await note_number(phones, student.holder_id)
        bound = await phones.http.post("/student/phone-bindings", json=codes(wechat, "canary-one"))
        headers = {"authorization": f"Bearer {bound.json()['session']}"}
        invited = await phones.http.post("/student/guardian-invitations", headers=headers)
        guardian = {"code": invited.json()["code"], "name": "妈妈"}
        guardian["wechat_code"] = wechat.partner.login_code("canary-two")
        assert (await phones.http.post("/guardian/bindings", json=guardian)).is_success
        for kind in ("error", "garbage", "stranger"):
            wechat.faults.plan(LOGIN, kind, 1)
            body = {"wechat_code": wechat.partner.login_code("canary-one")}
            assert (await phones.http.post("/student/sessions", json=body)).status_code == 503
    written = caplog.text + "".join(str(record.args) for record in caplog.records)
    written += str(await AuditRow.all().values()) + str(await WechatRow.all().values())
    assert len(await WechatRow.all()) == 2
    canaries = ("canary", NUMBER, SECRET, guardian["code"], bound.json()["session"])
    assert [canary for canary in canaries if canary in written] == []
