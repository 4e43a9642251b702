"""What a student's phone asks, over real HTTP."""

from __future__ import annotations

import asyncio
import os
from datetime import date

import pytest

from backend.domain.card import FOUND_AFTER_SECONDS, Part
from backend.domain.errors import ConflictError
from backend.domain.phone import RECENT_PHONES_MAX, RECENT_SECONDS
from backend.domain.times import utc
from backend.tables.card import BindingRow, CardRow, PhoneRow
from backend.tables.terminal import TerminalRow
from backend.tables.versions import read_versions
from backend.usecases.bindings.make_binding_code import BINDING_CODE_SECONDS
from backend.usecases.cards.close_card import close_card
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.replace_card import replace_card
from backend.usecases.cards.report_loss import report_loss
from campus_code import (
    CardState,
    RefusedError,
    issue_code,
    verify_code,
    verify_emergency,
    verify_tac,
)
from tests.rig.office import SYSTEM, Office


async def test_a_bound_phone_sees_its_card(office: Office) -> None:
    student = await office.student()
    answer = await office.http.get("/student/card", headers=student.headers)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["card_number"], body["state"], body["issue"]) == (student.card_number, "active", 1)
    assert (body["name"], body["spent_fen"], body["has_pin"]) == (student.name, 0, False)
    assert body["purses_fen"] == {"cash": 0, "benefit": 0}
    purses = await office.http.get("/student/purses", headers=student.headers)
    assert purses.json()["purses"][0] == {"purse": "cash", "balance_fen": 0}
    assert answer.headers["cache-control"] == "no-store"


async def test_the_phones_code_is_a_code(office: Office) -> None:
    student = await office.student()
    keyrings = office.parts.keyrings
    for secrets in student.secrets:
        at = max(secrets.valid_from, office.at)
        code = issue_code(secrets, at)
        verified = verify_code(code, keyrings.terminal, at)
        assert (verified.card_number, verified.issue) == (student.card_number, 1)
        verify_tac(code, verified.step, keyrings.issuer, at)
    assert len(student.secrets) == 2, "this epoch and the next"


async def test_a_phone_gets_derived_secrets_and_no_master(office: Office) -> None:
    student = await office.student()
    answer = await office.http.get("/student/secrets", headers=student.headers)
    masters = [key.master for key in office.parts.keyrings.terminal.keys]
    masters += [key.master for key in office.parts.keyrings.issuer.keys]
    told = answer.json()["secrets"]
    assert [one["epoch"] for one in told] == [one.epoch for one in student.secrets]
    for one in student.secrets:
        assert one.terminal_secret not in masters
        assert one.issuer_secret not in masters


async def test_a_new_phone_ends_the_old_one(office: Office) -> None:
    old = await office.student()
    new = await office.bind(await CardRow.get(id=old.card_id))
    assert new.secrets[0].issue == old.secrets[0].issue + 1
    assert (await office.http.get("/student/card", headers=old.headers)).status_code == 401
    assert (await office.http.get("/student/card", headers=new.headers)).status_code == 200
    assert await PhoneRow.filter(card_id=old.card_id, unbound_at=None).count() == 1
    row = await CardRow.get(id=old.card_id)
    assert (row.issue, row.issue_raised_at) == (2, office.at)
    assert row.changed_version == (await read_versions()).directory


async def test_a_binding_code_works_once(office: Office) -> None:
    card = await office.card((await office.holder()).id)
    code = await office.code(card.id)
    first = await office.http.post("/student/bindings", json={"code": f" {code.lower()} "})
    again = await office.http.post("/student/bindings", json={"code": code})
    unknown = await office.http.post("/student/bindings", json={"code": "AAAAAAAAAA"})
    assert (first.status_code, again.status_code) == (201, 401)
    assert (again.status_code, again.json()) == (unknown.status_code, unknown.json())
    assert (await BindingRow.get(card_id=card.id)).used_at is not None


async def test_a_binding_code_used_by_ten_at_once_binds_one(office: Office) -> None:
    card = await office.card((await office.holder()).id)
    code = await office.code(card.id)
    answers = await asyncio.gather(
        *(office.http.post("/student/bindings", json={"code": code}) for _ in range(10))
    )
    assert sorted(one.status_code for one in answers) == [201] + [401] * 9
    assert (await CardRow.get(id=card.id)).issue == 1
    assert await PhoneRow.filter(card_id=card.id).count() == 1


async def test_expired_and_replaced_codes_are_answered_like_unknown_ones(office: Office) -> None:
    card = await office.card((await office.holder()).id)
    unknown = await office.http.post("/student/bindings", json={"code": "AAAAAAAAAA"})
    older = await office.code(card.id)
    newer = await office.code(card.id)
    assert (await office.http.post("/student/bindings", json={"code": older})).json() == (
        unknown.json()
    )
    office.clock.now += BINDING_CODE_SECONDS
    expired = await office.http.post("/student/bindings", json={"code": newer})
    assert (expired.status_code, expired.json()) == (401, unknown.json())
    assert newer not in str(await BindingRow.all().values())


async def test_codes_are_guessed_so_often_and_no_more(office: Office) -> None:
    statuses = {
        (await office.http.post("/student/bindings", json={"code": f"{n:010}"})).status_code
        for n in range(201)
    }
    assert statuses == {401, 429}


async def test_a_code_handed_out_before_a_loss_dies_with_it(office: Office) -> None:
    student = await office.student()
    code = await office.code(student.card_id)
    await report_loss(student.card_id, actor=SYSTEM, at=office.at, bus=office.parts.bus)
    assert (await office.http.post("/student/bindings", json={"code": code})).status_code == 401
    assert (await office.http.get("/student/card", headers=student.headers)).status_code == 401
    back = await office.bind(await CardRow.get(id=student.card_id))
    body = (await office.http.get("/student/card", headers=back.headers)).json()
    assert (body["state"], body["issue"]) == ("active", 3)


async def test_so_many_phones_in_four_weeks_and_no_more(office: Office) -> None:
    student = await office.student()
    bound_at = utc(office.at - RECENT_SECONDS + 1)
    for issue in range(2, RECENT_PHONES_MAX + 1):
        await PhoneRow.create(card_id=student.card_id, issue=issue, bound_at=bound_at)
    code = await office.code(student.card_id)
    answer = await office.http.post("/student/bindings", json={"code": code})
    assert (answer.status_code, answer.json()["error"]) == (409, "too_many_phones")
    assert (await office.http.get("/student/card", headers=student.headers)).is_success
    office.clock.now += 1
    assert (await office.http.post("/student/bindings", json={"code": code})).status_code == 201


async def test_a_replaced_card_never_comes_back(office: Office) -> None:
    student = await office.student()
    bus = office.parts.bus
    await report_loss(student.card_id, actor=SYSTEM, at=office.at, bus=bus)
    code = await office.code(student.card_id)
    await replace_card(student.card_id, actor=SYSTEM, at=office.at, randomness=os.urandom, bus=bus)
    assert (await office.http.post("/student/bindings", json={"code": code})).status_code == 401
    with pytest.raises(ConflictError):
        await office.code(student.card_id)
    assert (await CardRow.get(id=student.card_id)).state == CardState.LOST


async def test_a_closed_card_binds_no_phone(office: Office) -> None:
    card = await office.card((await office.holder()).id)
    code = await office.code(card.id)
    await close_card(card.id, actor=SYSTEM, at=office.at, bus=office.parts.bus)
    assert (await office.http.post("/student/bindings", json={"code": code})).status_code == 401


async def test_one_tap_freezes_and_found_lifts(office: Office) -> None:
    student = await office.student()
    body = {"parts": ["money", "doors"]}
    for _ in range(2):
        answer = await office.http.post("/student/freezes", json=body, headers=student.headers)
        assert answer.status_code == 201
        assert answer.json() == {
            "state": "frozen",
            "are_doors_frozen": True,
            "frozen_at": office.at,
        }
    card = (await office.http.get("/student/card", headers=student.headers)).json()
    assert card["is_lift_mine"] is True
    early = await office.http.delete("/student/freezes", headers=student.headers)
    assert early.status_code == 429
    assert early.headers["retry-after"] == str(FOUND_AFTER_SECONDS)
    office.clock.now += FOUND_AFTER_SECONDS
    found = await office.http.delete("/student/freezes", headers=student.headers)
    assert (found.status_code, found.json()["state"]) == (200, "active")


@pytest.mark.parametrize(
    "body", [{}, {"parts": []}, {"parts": ["all"]}, {"parts": "money"}, {"parts": [1]}, [], 1]
)
async def test_a_freeze_says_what_it_stops(office: Office, body: object) -> None:
    student = await office.student()
    answer = await office.http.post("/student/freezes", json=body, headers=student.headers)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_input"
    assert (await CardRow.get(id=student.card_id)).state == CardState.ACTIVE


async def test_the_office_froze_it_so_found_is_refused(office: Office) -> None:
    student = await office.student()
    parts = frozenset(Part)
    await freeze_card(student.card_id, parts, actor=SYSTEM, at=office.at, bus=office.parts.bus)
    office.clock.now += 1000
    card = (await office.http.get("/student/card", headers=student.headers)).json()
    assert (card["state"], card["is_lift_mine"]) == ("frozen", False)
    answer = await office.http.delete("/student/freezes", headers=student.headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "frozen_by_office")


async def test_the_holder_sees_how_many_terminals_know(office: Office) -> None:
    student = await office.student()
    await office.http.post("/student/freezes", json={"parts": ["money"]}, headers=student.headers)
    version = (await read_versions()).denylist
    now = "2026-01-01T04:00:00+00:00"
    for number, held in enumerate((version, version - 1, version + 1)):
        await TerminalRow.create(
            name=f"窗口{number}", merchant_id=1, group_id="canteen", signing_key=f"{number:064}",
            sealing_key="0" * 64, enrolled_at=now, seen_at=now, denylist_version=held,
        )  # fmt: skip
    body = (await office.http.get("/student/freezes", headers=student.headers)).json()
    assert (body["state"], body["known_by"], body["terminals"]) == ("frozen", 2, 3)


async def test_todays_emergency_code_is_what_terminals_accept(office: Office) -> None:
    student = await office.student()
    body = (await office.http.get("/student/emergency-code", headers=student.headers)).json()
    on = date.fromisoformat(body["on"])
    assert body["expires_at"] > office.at
    keyring = office.parts.keyrings.terminal
    verified = verify_emergency(body["code"], 1, keyring, office.at, on)
    assert verified.card_number == student.card_number
    with pytest.raises(RefusedError):
        verify_emergency(body["code"], 1, keyring, office.at, on.replace(day=on.day + 1))


async def test_logging_out_ends_this_session(office: Office) -> None:
    student = await office.student()
    assert (await office.http.delete("/student/sessions", headers=student.headers)).is_success
    assert (await office.http.get("/student/card", headers=student.headers)).status_code == 401
