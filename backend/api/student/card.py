"""The holder's own card: state, purses, today, emergency code, and who looked."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_student
from backend.api.parts import parts_of
from backend.api.reading import answer, read_number
from backend.domain.phone import emergency_code_for, ends_of_day, local_date
from backend.usecases.audits.read_own_trail import read_own_trail
from backend.usecases.cardholders.read_payments import read_payments
from backend.usecases.cards.read_card import CardView, read_card

LINES_MAX = 50
LINES_USUAL = 20
ID_MAX = 2**63 - 1

routes = Blueprint("student_card")


@routes.get("/card")
@for_student
async def show_card(request: Request) -> HTTPResponse:
    """The card's state, the purses and what was spent today."""
    view = await _view(request)
    card = view.card
    body = {
        "card_number": card.number,
        "issue": card.issue,
        "state": card.state.name.lower(),
        "are_doors_frozen": card.are_doors_frozen,
        "name": view.name,
        "class_id": view.class_id,
        "purses_fen": dict(view.balances_fen),
        "business_on": view.business_on,
        "spent_fen": view.spent_fen,
        "has_pin": view.has_pin,
    }
    return answer(body)


@routes.get("/purses")
@for_student
async def show_purses(request: Request) -> HTTPResponse:
    """Each purse's balance in fen."""
    view = await _view(request)
    purses = [{"purse": purse, "balance_fen": fen} for purse, fen in view.balances_fen.items()]
    return answer({"purses": purses})


@routes.get("/emergency-code")
@for_student
async def show_emergency_code(request: Request) -> HTTPResponse:
    """Today's emergency code: 16 digits for a day on which the phone is dead."""
    parts = parts_of(request)
    at = int(parts.clock())
    offset = parts.rules.bundle.utc_offset_seconds
    card = (await _view(request)).card
    today = local_date(at, offset)
    code = emergency_code_for(parts.keyrings.terminal, card.number, card.issue, today, at)
    return answer({"code": code, "on": str(today), "expires_at": ends_of_day(today, offset)})


@routes.get("/payments")
@for_student
async def list_payments(request: Request) -> HTTPResponse:
    """A page of payments, newest first; `before` is the last payment_id of the page before."""
    lines_max = read_number(request, "limit", LINES_USUAL, 1, LINES_MAX)
    before_id = read_number(request, "before", 0, 0, ID_MAX)
    lines = await read_payments(actor_of(request).id, before_id=before_id, lines_max=lines_max)
    body = [
        {
            "payment_id": line.payment_id,
            "card_number": line.card_number,
            "merchant": line.merchant,
            "terminal": line.terminal,
            "occurred_at": line.occurred_at,
            "posted_at": line.posted_at,
            "business_on": line.business_on,
            "period_id": line.period_id,
            "nominal_fen": line.nominal_fen,
            "discount_fen": line.discount_fen,
            "fee_fen": line.fee_fen,
            "charged_fen": line.charged_fen,
            "borne_fen": line.borne_fen,
            "split_fen": dict(line.split),
            "returned_fen": line.returned_fen,
            "was_offline": line.was_offline,
            "was_late": line.was_late,
            "outcome": line.outcome,
            "reason": line.reason,
        }
        for line in lines
    ]
    return answer(
        {"payments": body, "next": lines[-1].payment_id if len(lines) == lines_max else 0}
    )


@routes.get("/trail")
@for_student
async def list_trail(request: Request) -> HTTPResponse:
    """What was done to the card and who looked its holder up; `before` as for payments."""
    lines = await read_own_trail(
        actor_of(request).id,
        before_id=read_number(request, "before", 0, 0, ID_MAX),
        lines_max=read_number(request, "limit", LINES_USUAL, 1, LINES_MAX),
    )
    body = [
        {"id": line.id, "at": line.at, "actor": line.actor, "verb": line.verb} for line in lines
    ]
    return answer({"trail": body})


async def _view(request: Request) -> CardView:
    parts = parts_of(request)
    return await read_card(actor_of(request).id, rules=parts.rules.bundle, at=int(parts.clock()))
