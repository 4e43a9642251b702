"""Who is logged in, who is locked out, and a new second factor for whoever lost his."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.tables.factor import FactorResetRow
from backend.tables.staff_sessions import lockouts, open_sessions
from backend.usecases.sessions.end_other_session import end_other_session
from backend.usecases.staff.ask_factor_reset import ask_factor_reset
from backend.usecases.staff.decide_factor_reset import decide_factor_reset
from backend.usecases.staff.unlock_staff import unlock_staff

STAFF_ID_MAX = 2**53 - 1
RESETS_MAX = 200

routes = Blueprint("admin_logins")


class WhyShape(Shape):
    """Why; it stands in the trail."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class SessionsQuery(PageShape):
    """Sessions of one member of staff, or of all (0)."""

    staff_id: Annotated[int, Field(ge=0, le=STAFF_ID_MAX)] = 0


class StaffSessionShownTold(TypedDict):
    """A session that is open; `opened_from` is the address somebody logged in from."""

    session_id: int
    staff_id: int
    name: str
    opened_at: At
    expires_at: At
    opened_from: str


class StaffSessionsTold(TypedDict):
    """A page, newest first."""

    sessions: list[StaffSessionShownTold]
    next: str | None


class LockoutTold(TypedDict):
    """Somebody's wrong logins since he was last let in; `locked_until` null: not locked out."""

    staff_id: int
    login: str
    name: str
    failures: int
    locked_until: At | None


class LockoutsTold(TypedDict):
    """Everybody with wrong logins, who is locked out first."""

    lockouts: list[LockoutTold]


class FactorResetTold(TypedDict):
    """A new second factor that is asked for or was decided on."""

    reset_id: int
    staff_id: int
    reason: str
    asked_by: str
    asked_at: At
    state: Literal["waiting", "approved", "rejected"]
    decided_by: str


class FactorResetsTold(TypedDict):
    """The newest of them."""

    resets: list[FactorResetTold]


class NewFactorTold(TypedDict):
    """The new factor's URI, to be scanned by its owner; told this once."""

    otpauth_uri: str


@routes.get("/sessions")
@for_staff("sessions.read")
@described(StaffSessionsTold, query=SessionsQuery)
async def list_sessions(request: Request) -> HTTPResponse:
    """Who is logged in."""
    query = read_query(request, SessionsQuery)
    after = read_cursor(query.after, int)
    found = await open_sessions(
        int(parts_of(request).clock()),
        staff_id=query.staff_id,
        before_id=int(after[0]) if after else 0,
        lines_max=query.limit + 1,
    )
    shown, following = turn(found, query.limit, lambda one: (one.id,))
    body: StaffSessionsTold = {
        "sessions": [
            {
                "session_id": one.id,
                "staff_id": one.staff_id,
                "name": one.name,
                "opened_at": one.opened_at,
                "expires_at": one.expires_at,
                "opened_from": one.opened_from,
            }
            for one in shown
        ],
        "next": following,
    }
    return answer(body)


@routes.post("/sessions/<session_id:int>/ends")
@for_staff("sessions.end")
@described(NothingTold, body=WhyShape, status=201)
async def end_session(request: Request, session_id: int) -> HTTPResponse:
    """201: whoever had that session has to log in again."""
    reason = read_json(request, WhyShape).reason
    at = int(parts_of(request).clock())
    await end_other_session(session_id, reason, actor=actor_of(request), at=at, own=False)
    return answer({}, 201)


@routes.get("/lockouts")
@for_staff("sessions.read")
@described(LockoutsTold)
async def list_lockouts(request: Request) -> HTTPResponse:
    """Whose logins failed; each try is a line `staff.wrong_login` of the trail."""
    at = int(parts_of(request).clock())
    body: LockoutsTold = {
        "lockouts": [
            {
                "staff_id": one.staff_id,
                "login": one.login,
                "name": one.name,
                "failures": one.failures,
                "locked_until": one.locked_until if one.locked_until > at else None,
            }
            for one in await lockouts(at)
        ]
    }
    return answer(body)


@routes.post("/staff/<staff_id:int>/unlocks")
@for_staff("staff.recover")
@described(NothingTold, body=WhyShape, status=201)
async def unlock(request: Request, staff_id: int) -> HTTPResponse:
    """201: the next login is looked at again."""
    reason = read_json(request, WhyShape).reason
    at = int(parts_of(request).clock())
    await unlock_staff(staff_id, reason, actor=actor_of(request), at=at)
    return answer({}, 201)


@routes.get("/factor-resets")
@for_staff("sessions.read")
@described(FactorResetsTold)
async def list_resets(_request: Request) -> HTTPResponse:
    """New second factors that wait for another person, and those that were decided on."""
    rows = await FactorResetRow.all().order_by("-id").limit(RESETS_MAX)
    body: FactorResetsTold = {"resets": [_reset(row) for row in rows]}
    return answer(body)


@routes.post("/staff/<staff_id:int>/factor-resets")
@for_staff("staff.recover")
@described(FactorResetTold, body=WhyShape, status=201)
async def ask_reset(request: Request, staff_id: int) -> HTTPResponse:
    """201: it waits for another person, who is not the one it is for."""
    reason = read_json(request, WhyShape).reason
    at = int(parts_of(request).clock())
    row = await ask_factor_reset(staff_id, reason, actor=actor_of(request), at=at)
    return answer(_reset(row), 201)


@routes.post("/factor-resets/<reset_id:int>/approvals")
@for_staff("staff.recover")
@described(NewFactorTold, status=201)
async def approve_reset(request: Request, reset_id: int) -> HTTPResponse:
    """201: the old factor, its sessions and recovery codes are over; scan the new one now."""
    return await _decide(request, reset_id, is_approved=True)


@routes.post("/factor-resets/<reset_id:int>/rejections")
@for_staff("staff.recover")
@described(NewFactorTold, status=201)
async def reject_reset(request: Request, reset_id: int) -> HTTPResponse:
    """201: nothing changes (the URI is empty)."""
    return await _decide(request, reset_id, is_approved=False)


async def _decide(request: Request, reset_id: int, *, is_approved: bool) -> HTTPResponse:
    parts = parts_of(request)
    uri = await decide_factor_reset(
        reset_id,
        is_approved=is_approved,
        actor=actor_of(request),
        at=int(parts.clock()),
        randomness=parts.randomness,
        vault=parts.vault,
        school=parts.config.school,
    )
    body: NewFactorTold = {"otpauth_uri": uri}
    return answer(body, 201)


def _reset(row: FactorResetRow) -> FactorResetTold:
    state: Literal["waiting", "approved", "rejected"] = "waiting"
    if row.decision:
        state = "approved" if row.decision == "approved" else "rejected"
    return {
        "reset_id": row.id,
        "staff_id": row.staff_id,
        "reason": row.reason,
        "asked_by": row.asked_by,
        "asked_at": row.asked_at,
        "state": state,
        "decided_by": row.decided_by,
    }
