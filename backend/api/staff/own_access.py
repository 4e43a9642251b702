"""What a member of staff keeps of his own access: recovery codes, and where he is logged in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_any_staff
from backend.api.described import NothingTold, described
from backend.api.limits import Bucket
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At
from backend.domain.login import TOTP_DIGITS
from backend.tables.factor import RecoveryCodeRow
from backend.tables.staff_sessions import open_sessions
from backend.usecases.sessions.end_other_session import end_other_session
from backend.usecases.staff.make_recovery_codes import make_recovery_codes

SESSIONS_MAX = 100

routes = Blueprint("staff_own_access")


class ProvenShape(Shape):
    """What the authenticator shows now."""

    totp: Annotated[str, Field(min_length=TOTP_DIGITS, max_length=TOTP_DIGITS)]


class RecoveryCodesTold(TypedDict):
    """Ten codes that each open one session in the authenticator's place; told this once."""

    codes: list[str]


class RecoveryTold(TypedDict):
    """How many codes are left, and when they were made (null: never)."""

    left: int
    made_at: At | None


class OwnSessionTold(TypedDict):
    """Where somebody is logged in; `is_this_one`: the session that asks."""

    session_id: int
    opened_at: At
    expires_at: At
    opened_from: str
    is_this_one: bool


class OwnSessionsTold(TypedDict):
    """All of them, newest first."""

    sessions: list[OwnSessionTold]


@routes.get("/recovery-codes")
@for_any_staff
@described(RecoveryTold)
async def show_recovery(request: Request) -> HTTPResponse:
    """How many of the asker's codes are left; never the codes."""
    rows = await RecoveryCodeRow.filter(staff_id=actor_of(request).id)
    body: RecoveryTold = {
        "left": sum(1 for row in rows if not row.used_at),
        "made_at": rows[0].made_at if rows else None,
    }
    return answer(body)


@routes.post("/recovery-codes")
@for_any_staff
@described(RecoveryCodesTold, body=ProvenShape, status=201)
async def make_recovery(request: Request) -> HTTPResponse:
    """201: ten new codes in the place of all earlier ones."""
    parts, actor = parts_of(request), actor_of(request)
    shape = read_json(request, ProvenShape)
    await parts.limits.take(Bucket.SECOND_FACTOR, actor.id)
    codes = await make_recovery_codes(
        shape.totp,
        actor=actor,
        at=int(parts.clock()),
        randomness=parts.randomness,
        vault=parts.vault,
    )
    body: RecoveryCodesTold = {"codes": codes}
    return answer(body, 201)


@routes.get("/own-sessions")
@for_any_staff
@described(OwnSessionsTold)
async def show_sessions(request: Request) -> HTTPResponse:
    """Where the asker is logged in."""
    actor, at = actor_of(request), int(parts_of(request).clock())
    found = await open_sessions(at, staff_id=actor.id, lines_max=SESSIONS_MAX)
    body: OwnSessionsTold = {
        "sessions": [
            {
                "session_id": one.id,
                "opened_at": one.opened_at,
                "expires_at": one.expires_at,
                "opened_from": one.opened_from,
                "is_this_one": one.id == actor.session_id,
            }
            for one in found
        ]
    }
    return answer(body)


@routes.post("/own-sessions/<session_id:int>/ends")
@for_any_staff
@described(NothingTold, status=201)
async def end_one(request: Request, session_id: int) -> HTTPResponse:
    """201: whoever had that session has to log in again."""
    at = int(parts_of(request).clock())
    await end_other_session(session_id, "", actor=actor_of(request), at=at, own=True)
    return answer({}, 201)
