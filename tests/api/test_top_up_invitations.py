"""Invitations: a relative without an account pays once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from backend.api.limits import Bucket
from backend.domain.guardian import Sees
from backend.domain.invitation import DAY_SECONDS, OPEN_MAX
from backend.domain.tokens import token_hash
from backend.tables.cardholder import CardholderRow
from backend.tables.top_up import InvitationRow, TopUpRow
from tests.rig.guardians import choose
from tests.rig.office import Student
from tests.rig.paying import Paying
from tests.rig.top_ups import base_of, credited, new_key, post, state, work, work_for

Json = dict[str, Any]


async def invite(paying: Paying, student: Student, most: int = 10_000, days: int = 7) -> Json:
    """An invitation that must be made."""
    body = {"amount_fen_max": most, "days": days}
    answer = await post(paying, student, "/top-up-invitations", body)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def ask(paying: Paying, path: str, **body: object) -> httpx.Response:
    """What the relative's phone sends; there is no session."""
    return await paying.http.post(f"/open/invitations/{path}", json=body)


async def start(
    paying: Paying, token: str, openid: str = "o-uncle", fen: int = 6_000, key: str = ""
) -> httpx.Response:
    """The relative wants to pay."""
    code = paying.wechat.partner.login_code(openid)
    key = key or new_key()
    return await ask(paying, "top-ups", token=token, code=code, request_key=key, amount_fen=fen)


async def states(paying: Paying, student: Student) -> list[str]:
    """What the holder sees of his invitations."""
    url = f"{base_of(student)}/top-up-invitations"
    told = (await paying.http.get(url, headers=student.headers)).json()
    return [one["state"] for one in told["invitations"]]


async def test_a_relative_pays_once_and_sees_no_more_than_he_needs(paying: Paying) -> None:
    student = await paying.student()
    await CardholderRow.filter(id=student.holder_id).update(name="王小明")
    made = await invite(paying, student)
    seen = (await ask(paying, "views", token=made["token"])).json()
    assert seen == {
        "school": paying.office.parts.config.school,
        "holder_name": "王*",
        "amount_fen_max": 10_000,
        "amounts_fen": [5_000, 10_000],
        "expires_at": paying.at + 7 * DAY_SECONDS,
        "state": "open",
    }
    assert (await ask(paying, "checks", token=made["token"])).status_code == 404
    told = (await start(paying, made["token"])).json()
    assert (told["state"], told["balance_fen"]) == ("pending", None)
    paying.pay(told["number"])
    await paying.advance(0)
    done = (await ask(paying, "checks", token=made["token"])).json()
    assert (done["state"], done["balance_fen"]) == ("paid", None)
    assert credited(paying) == [(6_000, told["number"])]
    again = await start(paying, made["token"])
    assert (again.status_code, again.json()["error"]) == (409, "invitation_paid")
    assert await states(paying, student) == ["paid"]
    await paying.advance(8 * DAY_SECONDS)
    assert (await ask(paying, "views", token=made["token"])).json()["state"] == "paid"


async def test_only_the_hash_of_a_token_is_kept(paying: Paying) -> None:
    made = await invite(paying, await paying.student())
    row = await InvitationRow.get(id=made["invitation_id"])
    assert row.token_hash == token_hash(made["token"])
    for wrong in (made["token"][:-1], made["token"] + "A", "A" * 43, row.token_hash[:43]):
        answer = await ask(paying, "views", token=wrong)
        assert answer.status_code in {400, 404}
        assert answer.json()["error"] in {"invalid_input", "unknown_invitation"}


async def test_no_more_than_the_invitation_allows(paying: Paying) -> None:
    token = (await invite(paying, await paying.student(), most=6_000))["token"]
    for fen in (6_001, 100_000, 0, -1):
        assert (await start(paying, token, fen=fen)).status_code == 400
    assert (await start(paying, token, fen=6_000)).status_code == 201
    student = await paying.student()
    for body in (
        {"amount_fen_max": 0, "days": 1},
        {"amount_fen_max": 100_001, "days": 1},
        {"amount_fen_max": 1, "days": 0},
        {"amount_fen_max": 1, "days": 31},
    ):
        assert (await post(paying, student, "/top-up-invitations", body)).status_code == 400


async def test_a_second_try_closes_the_first(paying: Paying) -> None:
    token = (await invite(paying, await paying.student()))["token"]
    first = (await start(paying, token, "o-uncle", key="uncles-key")).json()["number"]
    repeat = (await start(paying, token, "o-uncle", key="uncles-key")).json()["number"]
    assert repeat == first
    second = (await start(paying, token, "o-aunt")).json()["number"]
    assert (state(paying, first)[0], paying.held(first).state) == ("closed", "CLOSED")
    with pytest.raises(ValueError, match="关闭"):
        paying.pay(first)
    paying.pay(second)
    await paying.advance(0)
    assert credited(paying) == [(6_000, second)]


async def test_a_second_try_finds_the_first_one_paid(paying: Paying) -> None:
    token = (await invite(paying, await paying.student()))["token"]
    first = (await start(paying, token)).json()["number"]
    paying.plan(what="notices", kind="never")
    paying.pay(first)
    answer = await start(paying, token, "o-aunt")
    assert (answer.status_code, answer.json()["error"]) == (409, "invitation_paid")
    assert credited(paying) == [(6_000, first)]
    assert await TopUpRow.all().count() == 1


async def test_while_nobody_knows_whether_the_first_was_paid_nobody_else_pays(
    paying: Paying,
) -> None:
    token = (await invite(paying, await paying.student()))["token"]
    first = (await start(paying, token)).json()["number"]
    path = f"/v3/pay/transactions/out-trade-no/{first}/close"
    paying.plan(path=path, kind="system_error")
    assert (await start(paying, token, "o-aunt")).status_code == 503
    assert (await start(paying, token, "o-aunt")).json()["error"] == "invitation_busy"
    await work_for(paying, 60)
    assert state(paying, first)[0] == "closed"
    assert (await start(paying, token, "o-aunt")).status_code == 201


async def test_an_ended_invitation_takes_nothing_more(paying: Paying) -> None:
    student = await paying.student()
    made = await invite(paying, student)
    number = (await start(paying, made["token"])).json()["number"]
    path = f"/top-up-invitations/{made['invitation_id']}/ends"
    assert (await post(paying, await paying.student(), path)).status_code == 404
    for _ in range(2):
        assert (await post(paying, student, path)).status_code == 200
    assert (await start(paying, made["token"])).json()["error"] == "invitation_ended"
    await work(paying)
    assert (state(paying, number)[0], paying.held(number).state) == ("closed", "CLOSED")
    assert await states(paying, student) == ["ended"]


async def test_time_ends_it_too(paying: Paying) -> None:
    student = await paying.student()
    token = (await invite(paying, student, days=1))["token"]
    await paying.advance(DAY_SECONDS - 1)
    assert (await start(paying, token)).status_code == 201
    await paying.advance(1)
    assert (await ask(paying, "views", token=token)).json()["state"] == "ended"
    assert (await start(paying, token)).json()["error"] == "invitation_ended"


async def test_only_so_many_at_a_time(paying: Paying) -> None:
    student = await paying.student()
    made = [await invite(paying, student) for _ in range(OPEN_MAX)]
    body = {"amount_fen_max": 100, "days": 1}
    answer = await post(paying, student, "/top-up-invitations", body)
    assert (answer.status_code, answer.json()["error"]) == (409, "too_many_invitations")
    await post(paying, student, f"/top-up-invitations/{made[0]['invitation_id']}/ends")
    await invite(paying, student)


async def test_a_guardian_sees_and_ends_his_own(paying: Paying) -> None:
    student = await paying.student()
    mother = await paying.guardian(student.holder_id)
    mine = await invite(paying, student)
    body = {"amount_fen_max": 100, "days": 1}
    answer = await post(paying, mother, "/top-up-invitations", body, student.holder_id)
    assert answer.status_code == 201
    url = f"/guardian/children/{student.holder_id}/top-up-invitations"
    for sees, count in ((None, 1), (Sees.ALL, 2)):
        if sees is not None:
            await choose(student.holder_id, mother, sees)
        told = (await paying.http.get(url, headers=mother.headers)).json()
        assert len(told["invitations"]) == count
    await choose(student.holder_id, mother, Sees.BALANCE)
    path = f"/top-up-invitations/{mine['invitation_id']}/ends"
    assert (await post(paying, mother, path, None, student.holder_id)).status_code == 404


async def test_one_invitation_is_not_tried_for_ever(paying: Paying) -> None:
    token = (await invite(paying, await paying.student()))["token"]
    for _ in range(Bucket.INVITED.allowed):
        await paying.office.parts.limits.take(Bucket.INVITED, token_hash(token))
    for path in ("views", "checks"):
        assert (await ask(paying, path, token=token)).status_code == 429
    assert (await start(paying, token)).status_code == 429
    for _ in range(Bucket.INVITED_ADDRESS.allowed - 3):
        await paying.office.parts.limits.take(Bucket.INVITED_ADDRESS, "127.0.0.1")
    assert (await ask(paying, "views", token="B" * 43)).status_code == 429
