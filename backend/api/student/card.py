"""The holder's own card: state, purses, today, emergency code, and who looked."""

from __future__ import annotations

from typing import NotRequired

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student
from backend.api.card_told import EmergencyCodeTold, emergency_body
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer, read_query
from backend.api.statement_told import PageQuery, PaymentsQuery, PaymentsTold, payments_told
from backend.api.told import At, CardStateWord, Day, Fen, state_word
from backend.domain.door import LOOK_VERB
from backend.domain.phone import emergency_code_for, ends_of_day, local_date
from backend.tables.trails import TrailLine
from backend.usecases.audits.read_own_trail import read_own_trail
from backend.usecases.cardholders.read_payments import read_payments
from backend.usecases.cards.read_card import CardView, read_card

routes = Blueprint("student_card")


class CardTold(TypedDict):
    """The card, its holder's purses, and what was spent in this business day.

    `is_lift_mine`: whether a freeze of this card, if there is one, is the holder's to lift.
    """

    card_number: str
    issue: int
    state: CardStateWord
    are_doors_frozen: bool
    name: str
    class_id: int
    purses_fen: dict[str, Fen]
    business_on: Day
    spent_fen: Fen
    has_pin: bool
    is_lift_mine: bool


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


@routes.get("/card")
@for_student
@described(CardTold)
async def show_card(request: Request) -> HTTPResponse:
    """The card's state, the purses and what was spent today."""
    view = await _view(request)
    card = view.card
    body: CardTold = {
        "card_number": card.number,
        "issue": card.issue,
        "state": state_word(card.state),
        "are_doors_frozen": card.are_doors_frozen,
        "name": view.name,
        "class_id": view.class_id,
        "purses_fen": dict(view.balances_fen),
        "business_on": view.business_on,
        "spent_fen": view.spent_fen,
        "has_pin": view.has_pin,
        "is_lift_mine": view.is_lift_mine,
    }
    return answer(body)


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


@routes.get("/payments")
@for_student
@described(PaymentsTold, query=PaymentsQuery)
async def list_payments(request: Request) -> HTTPResponse:
    """A page of payments, newest first; `before` is the last payment_id of the page before."""
    page = read_query(request, PaymentsQuery)
    lines = await read_payments(
        actor_of(request).id, before_id=page.before, lines_max=page.limit, month=page.month
    )
    return answer(payments_told(lines, page.limit))


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
