"""The day's emergency code, told at the counter to somebody whose phone is dead."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_staff
from backend.api.card_told import EmergencyCodeTold, emergency_body
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer
from backend.usecases.cards.hand_out_emergency_code import hand_out_emergency_code

routes = Blueprint("staff_emergency_codes", url_prefix="/cards")


@routes.post("/<card_id:int>/emergency-codes")
@for_staff("cards.emergency", whose="card_id")
@described(EmergencyCodeTold, status=201)
async def hand_out(request: Request, card_id: int) -> HTTPResponse:
    """Tell today's code of a card; its holder can see that it was told."""
    parts = parts_of(request)
    made = await hand_out_emergency_code(
        card_id,
        rules=parts.rules.bundle,
        terminal_keys=parts.keyrings.terminal,
        actor=actor_of(request),
        at=int(parts.clock()),
    )
    return answer(emergency_body(made.code, made.on, made.expires_at), 201)
