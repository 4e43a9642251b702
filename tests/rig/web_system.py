"""What an operator, an auditor and whoever watches for risk see of a school: something of each."""

from __future__ import annotations

from backend.domain.access import Role
from backend.tables.jobs import JobRun, keep_runs
from backend.tables.message import OutboxRow
from backend.tables.payment import QuarantineRow
from backend.tables.setting import SettingRow
from backend.tables.terminal import RefusalCountRow, TerminalRow
from backend.usecases.audits.seal_audits import seal_audits
from backend.usecases.cases.watch_risk import watch_risk
from campus_code import business_day
from tests.rig.web_scene import Say, WebSchool

NAMES = {
    "place": ("东校区", "第一食堂", "二楼三号窗", "西校区", "第二食堂"),
    "staff": ("李敏", "陈航", "孙悦"),
    "token": ("数据大屏",),
    "case": ("同一张卡连续消费",),
    "note": ("已调取一食堂二楼录像，持卡人确认是替室友代付。",),
    "reason": ("新学期调整",),
}
DAY_SECONDS = 86_400
FORGED_CODES = 31


async def fill_system(school: WebSchool, say: Say, places: list[int]) -> None:
    """Let the school be run for a while."""
    await _hire(school, say, places)
    await _set(school, say, places)
    await _run(school)
    await _watch(school, say)
    await seal_audits(school.shop.office.parts.vault)


def _words(say: Say, kind: str, number: int, room: int) -> str:
    """What stands there, and another one of each kind where a name may stand once."""
    plain = NAMES[kind][number % len(NAMES[kind])]
    said = say(kind, room - 3)
    return plain[:room] if said == kind else f"{said}{number}"


async def _post(school: WebSchool, path: str, body: dict[str, object], method: str = "POST") -> int:
    """Do it as the admin; the id that is told."""
    answer = await school.shop.office.http.request(method, path, json=body, headers=school.headers)
    assert answer.is_success, (path, answer.text)
    told: dict[str, int] = answer.json()
    return next((value for name, value in told.items() if name.endswith("_id")), 0)


async def build_places(school: WebSchool, say: Say) -> list[int]:
    made: list[int] = []
    for number, (kind, parent) in enumerate(
        (("campus", -1), ("canteen", 0), ("window", 1), ("campus", -1), ("canteen", 3))
    ):
        parent_id = made[parent] if parent >= 0 else 0
        name = _words(say, "place", number, 64)
        body = {"kind": kind, "name": name, "parent_id": parent_id}
        made.append(await _post(school, "/admin/places", dict(body)))
    for till, place_id in zip(school.tills, (made[2], made[1], made[4]), strict=False):
        terminal = await TerminalRow.get(id=till.terminal_id)
        body = {"place_id": place_id, "reason": say("reason", 100)}
        await _post(school, f"/admin/merchants/{terminal.merchant_id}/place", dict(body), "PUT")
    return made


async def _hire(school: WebSchool, say: Say, places: list[int]) -> None:
    office, staff_id = school.shop.office, 0
    for number, (role, place_id) in enumerate(
        ((Role.FINANCE, 0), (Role.CARD_OFFICE, places[0]), (Role.AUDITOR, 0))
    ):
        body: dict[str, object] = {
            "login": f"staff.{number}", "name": _words(say, "staff", number, 64), "role": role,
            "password": "a first pass phrase", "place_id": place_id,
        }  # fmt: skip
        staff_id = await _post(school, "/admin/staff", body)
    given = {"role": "finance", "place_id": places[3], "reason": say("reason", 100)}
    await _post(school, f"/admin/staff/{staff_id}/appointments", dict(given))
    reason = {"reason": say("reason", 100)}
    await _post(school, f"/admin/staff/{staff_id}/factor-resets", dict(reason))
    wrong = {"login": "staff.1", "password": "not this one at all", "totp": "000000"}
    for _ in range(3):
        assert (await office.http.post("/staff/sessions", json=wrong)).status_code == 401


async def _set(school: WebSchool, say: Say, places: list[int]) -> None:
    body = {"value": 8, "reason": say("reason", 100)}
    await _post(school, "/admin/settings/staff_session_hours", dict(body), "PUT")
    switch = {"feature": "kiosk_visits", "place_id": places[3], "is_on": False}
    await _post(school, "/admin/features", {**switch, "reason": say("reason", 100)}, "PUT")
    token = {"verbs": ["merchants.read", "terminals.read"], "place_id": places[0], "days": 90}
    await _post(school, "/admin/tokens", {**token, "name": _words(say, "token", 0, 60)})


async def _run(school: WebSchool) -> None:
    at = school.shop.office.at
    await keep_runs(
        [
            JobRun("roll up", 5, at, 14, "3 rolls", "", 0),
            JobRun("settle", 300, at - 120, 210, "2 settled", "", 0),
            JobRun("send messages", 2, at, 35, "2 sent", "", 0),
            JobRun("fetch bills", 600, at - 60, 900, "", "UnavailableError: no answer", 2),
            JobRun("watch risk", 30, at - 12, 41, "1 alerts", "", 0),
        ]
    )
    for number, state in enumerate(("waiting", "sent", "dropped", "refused")):
        await OutboxRow.create(
            topic=f"payment:{70 + number}", wechat_id=number + 1, template="payment", body={},
            state=state, fault="43101" if state == "dropped" else "", tries=number,
            made_at=at - 900 + number, due_at=at, done_at=0 if state == "waiting" else at,
        )  # fmt: skip


async def _watch(school: WebSchool, say: Say) -> None:
    office = school.shop.office
    for name, value in (("risk_day_fen", 2_000), ("risk_fast_payments", 3)):
        await SettingRow.create(name=name, value=value)
    on = business_day(office.at, office.parts.rules.bundle)
    terminal_id = school.tills[0].terminal_id
    await RefusalCountRow.create(
        terminal_id=terminal_id, business_on=on, reason="wrong_code", count=FORGED_CODES
    )
    await QuarantineRow.create(
        terminal_id=terminal_id, sequence=900, reason="same_sequence", body="{}",
        body_hash="0" * 64, received_at=office.at,
    )  # fmt: skip
    assert await watch_risk([on], office.at) > 0
    told = await office.http.get("/admin/alerts?kind=fast", headers=school.headers)
    me = await office.http.get("/staff/sessions", headers=school.headers)
    case = await _post(
        school,
        "/admin/cases",
        {
            "title": _words(say, "case", 0, 90),
            "alert_ids": [told.json()["alerts"][0]["alert_id"]],
            "owner_id": me.json()["staff_id"],
        },
    )
    await _post(school, f"/admin/cases/{case}/notes", {"text": _words(say, "note", 0, 200)})
