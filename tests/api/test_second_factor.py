"""Recovery codes, a new factor by two people; sessions and lock-outs seen and ended."""

from __future__ import annotations

import pyotp
import pytest

from backend.api.limits import Bucket
from backend.domain.access import Role
from backend.domain.login import LOGIN_FAILURES_MAX, RECOVERY_CODES
from backend.tables.factor import FactorResetRow, RecoveryCodeRow
from backend.tables.staff import AuditRow, StaffRow
from tests.rig.office import PASSWORD, Office
from tests.rig.raw_sql import RefusedSqlError, execute

REASON = {"reason": "手机丢失"}


async def make_codes(office: Office, login: str, headers: dict[str, str]) -> list[str]:
    office.clock.now += 30
    answer = await office.http.post(
        "/staff/recovery-codes", json={"totp": await office.totp(login)}, headers=headers
    )
    assert answer.status_code == 201, answer.text
    codes: list[str] = answer.json()["codes"]
    return codes


async def recover(office: Office, login: str, code: str, password: str = PASSWORD) -> int:
    body = {"login": login, "password": password, "recovery_code": code}
    return (await office.http.post("/staff/sessions", json=body)).status_code


async def test_each_of_ten_codes_opens_one_session(office: Office) -> None:
    _, login = await office.hire(Role.FINANCE)
    headers = await office.log_in(login)
    codes = await make_codes(office, login, headers)
    assert len(set(codes)) == RECOVERY_CODES
    kept = str(await RecoveryCodeRow.all().values())
    assert not [code for code in codes if code in kept]
    typed = f" {codes[0][:5].lower()}-{codes[0][5:]} "  # as a hand types it
    assert await recover(office, login, typed) == 201
    assert await recover(office, login, codes[0]) == 401
    assert await recover(office, login, codes[1], "a wrong pass phrase") == 401
    assert await recover(office, login, codes[1]) == 201  # the wrong password used none up
    told = (await office.http.get("/staff/recovery-codes", headers=headers)).json()
    assert told["left"] == RECOVERY_CODES - 2
    assert await AuditRow.filter(verb="staff.use_recovery").count() == 2


async def test_a_code_is_its_owners_and_new_ones_end_the_old(office: Office) -> None:
    _, login = await office.hire(Role.FINANCE)
    _, other = await office.hire(Role.FINANCE)
    headers = await office.log_in(login)
    old = await make_codes(office, login, headers)
    assert await recover(office, other, old[0]) == 401
    new = await make_codes(office, login, headers)
    assert await recover(office, login, old[1]) == 401
    assert await recover(office, login, new[1]) == 201


async def test_a_session_alone_makes_no_codes(office: Office) -> None:
    _, login = await office.hire(Role.FINANCE)
    headers = await office.log_in(login)
    used = await office.totp(login)  # what logged him in a moment ago
    for totp in (used, "000000"):
        answer = await office.http.post(
            "/staff/recovery-codes", json={"totp": totp}, headers=headers
        )
        assert answer.status_code == 400
    wrong = {"totp": "000000"}
    statuses = [
        (await office.http.post("/staff/recovery-codes", json=wrong, headers=headers)).status_code
        for _ in range(Bucket.SECOND_FACTOR.allowed)
    ]
    assert statuses[-1] == 429


async def test_guessing_codes_locks_as_guessing_factors_does(office: Office) -> None:
    staff_id, login = await office.hire(Role.FINANCE)
    for number in range(LOGIN_FAILURES_MAX):
        assert await recover(office, login, f"AAAAAAAA{number:02}") == 401
    admin = await office.staff(Role.ADMIN)
    told = (await office.http.get("/admin/lockouts", headers=admin)).json()["lockouts"]
    assert [(one["staff_id"], one["locked_until"] > office.at) for one in told] == [
        (staff_id, True)
    ]
    answer = await office.http.post(
        f"/admin/staff/{staff_id}/unlocks", json={"reason": "本人在场"}, headers=admin
    )
    assert answer.status_code == 201
    assert (await office.http.get("/admin/lockouts", headers=admin)).json()["lockouts"] == []
    office.clock.now += Bucket.LOGIN.window_seconds
    await office.log_in(login)


async def test_two_others_give_a_new_factor(office: Office) -> None:
    staff_id, login = await office.hire(Role.ADMIN)
    lost = await office.log_in(login)
    old_codes = await make_codes(office, login, lost)
    first, second = await office.staff(Role.ADMIN), await office.staff(Role.ADMIN)
    path = f"/admin/staff/{staff_id}/factor-resets"
    asked = await office.http.post(path, json=REASON, headers=first)
    assert asked.status_code == 201
    assert (await office.http.post(path, json=REASON, headers=second)).status_code == 409
    approval = f"/admin/factor-resets/{asked.json()['reset_id']}/approvals"
    for wrong in (first, lost):  # who asked, and whom it is for
        answer = await office.http.post(approval, headers=wrong)
        assert (answer.status_code, answer.json()["error"]) == (403, "two_people")
    before = (await StaffRow.get(id=staff_id)).totp_secret
    made = await office.http.post(approval, headers=second)
    assert made.status_code == 201
    assert (await office.http.post(approval, headers=second)).status_code == 409
    assert (await StaffRow.get(id=staff_id)).totp_secret != before
    assert (await office.http.get("/staff/sessions", headers=lost)).status_code == 401
    assert await recover(office, login, old_codes[0]) == 401
    totp = pyotp.parse_uri(made.json()["otpauth_uri"])
    assert isinstance(totp, pyotp.TOTP)
    body = {"login": login, "password": PASSWORD, "totp": totp.at(office.at)}
    assert (await office.http.post("/staff/sessions", json=body)).status_code == 201


async def test_a_refused_reset_changes_nothing(office: Office) -> None:
    staff_id, login = await office.hire(Role.FINANCE)
    headers = await office.log_in(login)
    first, second = await office.staff(Role.ADMIN), await office.staff(Role.ADMIN)
    path = f"/admin/staff/{staff_id}/factor-resets"
    asked = await office.http.post(path, json=REASON, headers=first)
    rejection = f"/admin/factor-resets/{asked.json()['reset_id']}/rejections"
    answer = await office.http.post(rejection, headers=second)
    assert (answer.status_code, answer.json()) == (201, {"otpauth_uri": ""})
    assert (await office.http.get("/staff/sessions", headers=headers)).status_code == 200


@pytest.mark.parametrize("who", ["staff:1", "staff:7"])
async def test_the_database_wants_two_people_for_a_factor(
    office: Office, migrated_url: str, who: str
) -> None:
    await FactorResetRow.create(
        staff_id=7, for_whom="staff:7", reason="x", asked_by="staff:1", asked_at=office.at
    )
    with pytest.raises(RefusedSqlError, match="factor_reset_by_two"):
        execute(migrated_url, f"UPDATE factor_reset SET decided_by='{who}'")
    execute(migrated_url, "UPDATE factor_reset SET decided_by='staff:2'")


async def test_sessions_are_seen_and_ended(office: Office) -> None:
    staff_id, login = await office.hire(Role.FINANCE)
    here, there = await office.log_in(login), await office.log_in(login)
    own = (await office.http.get("/staff/own-sessions", headers=here)).json()["sessions"]
    assert [one["is_this_one"] for one in own] == [False, True]
    assert {one["opened_from"] for one in own} == {"127.0.0.1"}
    stranger = await office.staff(Role.FINANCE)
    end = f"/staff/own-sessions/{own[0]['session_id']}/ends"
    assert (await office.http.post(end, headers=stranger)).status_code == 404
    assert (await office.http.post(end, headers=here)).status_code == 201
    assert (await office.http.get("/staff/sessions", headers=there)).status_code == 401
    admin = await office.staff(Role.ADMIN)
    path = f"/admin/sessions?staff_id={staff_id}"
    (left,) = (await office.http.get(path, headers=admin)).json()["sessions"]
    end = f"/admin/sessions/{left['session_id']}/ends"
    answer = await office.http.post(end, json={"reason": "离岗"}, headers=admin)
    assert answer.status_code == 201
    assert (await office.http.get("/staff/sessions", headers=here)).status_code == 401
    first = await office.http.get("/admin/sessions?limit=1", headers=admin)
    following = first.json()["next"]
    second = await office.http.get(f"/admin/sessions?limit=1&after={following}", headers=admin)
    assert second.json()["sessions"][0] != first.json()["sessions"][0]


async def test_throttling_leaves_one_line_and_names_no_login(office: Office) -> None:
    body = {"login": "nobody.here", "password": "x" * 12, "totp": "000000"}
    statuses = [
        (await office.http.post("/staff/sessions", json=body)).status_code
        for _ in range(Bucket.LOGIN.allowed + 3)
    ]
    assert statuses[-1] == 429
    (line,) = await AuditRow.filter(verb="staff.throttled")
    assert (line.subject, "nobody.here" in str(line.detail)) == ("address:127.0.0.1", False)
