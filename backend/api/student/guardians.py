"""The holder's guardians: who they are, what each of them sees, and inviting one."""

from __future__ import annotations

from typing import Literal

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student
from backend.api.described import NothingTold, described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.session_told import InvitationTold
from backend.api.told import At
from backend.domain.access import Actor
from backend.domain.guardian import Sees
from backend.usecases.access.find_actor import nobody
from backend.usecases.guardians.end_guardianship import end_guardianship
from backend.usecases.guardians.invite_guardian import invite_guardian
from backend.usecases.guardians.list_guardians import list_guardians
from backend.usecases.guardians.share_with_guardian import share_with_guardian

routes = Blueprint("student_guardians")


class SharingShape(Shape):
    """What a guardian may see: the card's state, the balance too, or the payments as well."""

    sees: Literal["state", "balance", "all"]


class GuardianTold(TypedDict):
    """One guardian, and what he sees."""

    guardian_id: int
    name: str
    since: At
    sees: Literal["state", "balance", "all"]


class GuardiansTold(TypedDict):
    """The guardians. Only an adult changes anything here; `invited_until` is 0 without a code."""

    guardians: list[GuardianTold]
    is_adult: bool
    invited_until: At


@routes.get("/guardians")
@for_student
@described(GuardiansTold)
async def show_guardians(request: Request) -> HTTPResponse:
    """Who looks after the holder."""
    at = int(parts_of(request).clock())
    found = await list_guardians(_holder_id(actor_of(request)), at=at)
    body: GuardiansTold = {
        "guardians": [
            {
                "guardian_id": one.guardian_id,
                "name": one.name,
                "since": one.since,
                "sees": one.sees.value,
            }
            for one in found.guardians
        ],
        "is_adult": found.is_adult,
        "invited_until": found.invited_until,
    }
    return answer(body)


@routes.put("/guardians/<guardian_id:int>")
@for_student
@described(NothingTold, body=SharingShape)
async def share(request: Request, guardian_id: int) -> HTTPResponse:
    """Decide what a guardian sees; 403 not_adult for a minor."""
    actor = actor_of(request)
    await share_with_guardian(
        _holder_id(actor),
        guardian_id,
        Sees(read_json(request, SharingShape).sees),
        actor=actor,
        at=int(parts_of(request).clock()),
    )
    return answer({})


@routes.delete("/guardians/<guardian_id:int>")
@for_student
@described(NothingTold)
async def send_away(request: Request, guardian_id: int) -> HTTPResponse:
    """End a guardianship; 403 not_adult for a minor."""
    actor = actor_of(request)
    at = int(parts_of(request).clock())
    await end_guardianship(_holder_id(actor), guardian_id, actor=actor, at=at)
    return answer({})


@routes.post("/guardian-invitations")
@for_student
@described(InvitationTold, status=201)
async def invite(request: Request) -> HTTPResponse:
    """Make the one live code an adult gives to a guardian; 403 not_adult for a minor."""
    parts = parts_of(request)
    actor = actor_of(request)
    made = await invite_guardian(
        _holder_id(actor), actor=actor, at=int(parts.clock()), randomness=parts.randomness
    )
    body: InvitationTold = {"code": made.code, "expires_at": made.expires_at}
    return answer(body, 201)


def _holder_id(actor: Actor) -> int:
    if actor.holder_id is None:  # for_student lets nobody in without
        raise nobody()
    return actor.holder_id
