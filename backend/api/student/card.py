"""The holder's own card on his phone: what a kiosk shows too, purses, emergency code, trail."""

from __future__ import annotations

from typing import NotRequired

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student, shared_routes
from backend.api.card_told import EmergencyCodeTold, emergency_body
from backend.api.described import described
from backend.api.own_card import OWN_CARD
from backend.api.parts import parts_of
from backend.api.reading import answer, read_query
from backend.api.statement_told import PageQuery
from backend.api.told import At, Fen
from backend.domain.door import LOOK_VERB
from backend.domain.phone import emergency_code_for, ends_of_day
from backend.tables.trails import TrailLine
from backend.usecases.audits.read_own_trail import read_own_trail
from backend.usecases.cards.read_card import CardView, read_card
from campus_code.days import local_date

routes = Blueprint("student_card")
own_routes = shared_routes("student_own_card", for_student, OWN_CARD)


class PurseTold(TypedDict):
    """One purse: cash, benefit."""

    purse: str
    balance_fen: Fen


class PursesTold(TypedDict):
    """Every purse of the holder."""

    purses: list[PurseTold]


class TrailLineTold(TypedDict):
    """Who did what to the card or looked its holder up; `reason` where one had to be given."""

    id: int
    at: At
    actor: str
    verb: str
    reason: NotRequired[str]


class TrailTold(TypedDict):
    """A page of the own trail."""

    trail: list[TrailLineTold]


@routes.get("/purses")
@for_student
@described(PursesTold)
async def show_purses(request: Request) -> HTTPResponse:
    """Each purse's balance in fen."""
    view = await _view(request)
    body: PursesTold = {
        "purses": [{"purse": purse, "balance_fen": fen} for purse, fen in view.balances_fen.items()]
    }
    return answer(body)


@routes.get("/emergency-code")
@for_student
@described(EmergencyCodeTold)
async def show_emergency_code(request: Request) -> HTTPResponse:
    """Today's emergency code: 16 digits for a day on which the phone is dead."""
    parts = parts_of(request)
    at = int(parts.clock())
    offset = parts.rules.bundle.utc_offset_seconds
    card = (await _view(request)).card
    today = local_date(at, offset)
    code = emergency_code_for(parts.keyrings.terminal, card.number, card.issue, today, at)
    return answer(emergency_body(code, today, ends_of_day(today, offset)))


@routes.get("/trail")
@for_student
@described(TrailTold, query=PageQuery)
async def list_trail(request: Request) -> HTTPResponse:
    """What was done to the card and who looked its holder up; `before` as for payments."""
    page = read_query(request, PageQuery)
    lines = await read_own_trail(actor_of(request).id, before_id=page.before, lines_max=page.limit)
    body: TrailTold = {"trail": [_trail_line(line) for line in lines]}
    return answer(body)


def _trail_line(line: TrailLine) -> TrailLineTold:
    told: TrailLineTold = {"id": line.id, "at": line.at, "actor": line.actor, "verb": line.verb}
    if line.verb == LOOK_VERB:  # elsewhere a detail is the offices' own
        told["reason"] = str(line.detail.get("reason", ""))
    return told


async def _view(request: Request) -> CardView:
    parts = parts_of(request)
    return await read_card(actor_of(request), rules=parts.rules.bundle, at=int(parts.clock()))
