"""Guardians at the counter: codes for minors' guardians, phone numbers, sending one away."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.session_told import InvitationTold
from backend.api.told import At
from backend.domain.guardian import ContactKind
from backend.domain.wechat import PHONE_LENGTH_MAX
from backend.usecases.guardians.add_contact import add_contact
from backend.usecases.guardians.end_guardianship import end_guardianship
from backend.usecases.guardians.invite_guardian import invite_guardian
from backend.usecases.guardians.look_up_guardians import look_up_guardians

routes = Blueprint("staff_guardians", url_prefix="/cardholders")


class ContactShape(Shape):
    """A phone number the school has: the cardholder's own or a guardian's."""

    kind: Literal["self", "guardian"]
    phone: Annotated[str, Field(min_length=1, max_length=PHONE_LENGTH_MAX)]


class ContactTold(TypedDict):
    """What is kept of a phone number for people's eyes: its last four digits."""

    kind: Literal["self", "guardian"]
    tail: str


class RelationTold(TypedDict):
    """One guardian of a cardholder."""

    guardian_id: int
    name: str
    since: At
    sees: Literal["state", "balance", "all"]


class RelationsTold(TypedDict):
    """Who looks after a cardholder, whether he is of age, and the numbers the school has."""

    is_adult: bool
    guardians: list[RelationTold]
    contacts: list[ContactTold]


@routes.get("/<holder_id:int>/guardians")
@for_staff("cardholders.read", whose="holder_id")
@described(RelationsTold)
async def look_up(request: Request, holder_id: int) -> HTTPResponse:
    """The guardians of a cardholder; he can see that somebody looked."""
    at = int(parts_of(request).clock())
    found = await look_up_guardians(holder_id, actor=actor_of(request), at=at)
    body: RelationsTold = {
        "is_adult": found.is_adult,
        "guardians": [
            {
                "guardian_id": one.guardian_id,
                "name": one.name,
                "since": one.since,
                "sees": one.sees.value,
            }
            for one in found.guardians
        ],
        "contacts": [{"kind": kind.value, "tail": tail} for kind, tail in found.contacts],
    }
    return answer(body)


@routes.post("/<holder_id:int>/guardian-codes")
@for_staff("cards.bind", whose="holder_id")
@described(InvitationTold, status=201)
async def hand_out_code(request: Request, holder_id: int) -> HTTPResponse:
    """Make a minor's one live guardian code; 403 adult_invites for an adult."""
    parts = parts_of(request)
    made = await invite_guardian(
        holder_id, actor=actor_of(request), at=int(parts.clock()), randomness=parts.randomness
    )
    body: InvitationTold = {"code": made.code, "expires_at": made.expires_at}
    return answer(body, 201)


@routes.post("/<holder_id:int>/contacts")
@for_staff("cards.bind", whose="holder_id")
@described(ContactTold, body=ContactShape, status=201)
async def note_contact(request: Request, holder_id: int) -> HTTPResponse:
    """Note a phone number; only a keyed hash and its last four digits are kept."""
    parts = parts_of(request)
    shape = read_json(request, ContactShape)
    tail = await add_contact(
        holder_id,
        ContactKind(shape.kind),
        shape.phone,
        actor=actor_of(request),
        at=int(parts.clock()),
        vault=parts.vault,
    )
    body: ContactTold = {"kind": shape.kind, "tail": tail}
    return answer(body, 201)


@routes.delete("/<holder_id:int>/guardians/<guardian_id:int>")
@for_staff("cards.bind", whose="holder_id")
@described(NothingTold)
async def send_away(request: Request, holder_id: int, guardian_id: int) -> HTTPResponse:
    """End a guardianship, for a minor too."""
    at = int(parts_of(request).clock())
    await end_guardianship(holder_id, guardian_id, actor=actor_of(request), at=at)
    return answer({})
