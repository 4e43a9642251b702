"""Staff log in with password and one-time code, and log out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_any_staff, in_public
from backend.api.browser import forget_session, keep_session
from backend.api.described import NothingTold, described
from backend.api.limits import Bucket, remote_address
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At
from backend.domain.access import PERMISSIONS, Role, appointments_for
from backend.domain.errors import TooManyRequestsError
from backend.domain.login import LOGIN_LENGTH_MAX
from backend.domain.password import PASSWORD_LENGTH_MAX
from backend.domain.tokens import token_hash
from backend.usecases.sessions.end_session import end_session
from backend.usecases.staff.log_in import LoggedIn, Shown, log_in
from backend.usecases.staff.note_throttled import note_throttled

TOTP_LENGTH_MAX = 6
RECOVERY_LENGTH_MAX = 24
"""Ten characters, with the spaces and dashes of a hand."""

routes = Blueprint("staff_sessions")


class LoginShape(Shape):
    """Both factors; a recovery code may stand in for the second."""

    login: Annotated[str, Field(min_length=1, max_length=LOGIN_LENGTH_MAX)]
    password: Annotated[str, Field(min_length=1, max_length=PASSWORD_LENGTH_MAX)]
    totp: Annotated[str, Field(max_length=TOTP_LENGTH_MAX)] = ""
    recovery_code: Annotated[str, Field(max_length=RECOVERY_LENGTH_MAX)] = ""


class StaffSessionTold(TypedDict):
    """A new session."""

    session: str
    expires_at: At
    staff_id: int
    name: str
    role: Role


class HeldRoleTold(TypedDict):
    """A role, and where it is held: `place_id` 0 and no merchant is the whole school."""

    role: Role
    place_id: int
    merchant_id: int | None


class StaffMemberTold(TypedDict):
    """Who is logged in; only a cashier has a merchant.

    `roles` are all that he holds, `verbs` all that one of them may do, where it is held.
    """

    staff_id: int
    name: str
    role: Role | None
    merchant_id: int | None
    roles: list[HeldRoleTold]
    verbs: list[str]


@routes.post("/sessions")
@in_public
@described(StaffSessionTold, body=LoginShape, status=201)
async def open_session(request: Request) -> HTTPResponse:
    """Log in."""
    made = await _log_in(request)
    body: StaffSessionTold = {
        "session": made.session,
        "expires_at": made.expires_at,
        "staff_id": made.staff_id,
        "name": made.name,
        "role": made.role,
    }
    return answer(body, 201)


@routes.post("/browser-sessions")
@in_public
@described(NothingTold, body=LoginShape, status=201)
async def open_browser_session(request: Request) -> HTTPResponse:
    """Log in with a browser: the session is a new cookie, which no script can read."""
    config = parts_of(request).config
    made = await _log_in(request)
    seconds = made.expires_at - int(parts_of(request).clock())
    return keep_session(answer({}, 201), config, made.session, seconds)


@routes.get("/sessions")
@for_any_staff
@described(StaffMemberTold)
async def show_session(request: Request) -> HTTPResponse:
    """Who is logged in, and as what."""
    actor = actor_of(request)
    body: StaffMemberTold = {
        "staff_id": actor.id,
        "name": actor.name,
        "role": actor.role,
        "merchant_id": actor.merchant_id,
        "roles": [
            {"role": one.role, "place_id": one.place_id, "merchant_id": one.merchant_id}
            for one in actor.appointments
        ],
        "verbs": sorted(verb for verb in PERMISSIONS if appointments_for(actor, verb)),
    }
    return answer(body)


@routes.delete("/sessions")
@for_any_staff
@described(NothingTold)
async def close_session(request: Request) -> HTTPResponse:
    """Log out."""
    await end_session(actor_of(request), at=int(parts_of(request).clock()))
    return forget_session(answer({}), parts_of(request).config)


async def _log_in(request: Request) -> LoggedIn:
    parts = parts_of(request)
    shape = read_json(request, LoginShape)
    # counted whether the login exists or not; hashed, so that no counter's key names anybody
    address = remote_address(request, parts.config)
    at = int(parts.clock())
    try:
        await parts.limits.take(Bucket.LOGIN_ADDRESS, address)
        await parts.limits.take(Bucket.LOGIN, address, token_hash(shape.login))
    except TooManyRequestsError as error:
        if error.is_first:
            await note_throttled(address, at)
        raise
    shown = Shown(shape.login, shape.password, shape.totp, shape.recovery_code, address)
    return await log_in(
        shown,
        at=at,
        randomness=parts.randomness,
        vault=parts.vault,
    )
