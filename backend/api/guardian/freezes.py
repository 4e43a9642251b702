"""A guardian freezes a child's card in one tap, by the same way as the child himself."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_guardian
from backend.api.card_told import FreezeShape, FreezeTold, StateTold, freeze_body, state_body
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer, read_json
from backend.domain.card import Card
from backend.domain.guardian import Look
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.lift_freeze import lift_freeze
from backend.usecases.cards.read_freeze import read_freeze
from backend.usecases.guardians.look_at_child import look_at_child
from backend.usecases.terminals.count_informed import count_informed

routes = Blueprint("guardian_freezes")


@routes.post("/children/<holder_id:int>/freezes")
@for_guardian
@described(StateTold, body=FreezeShape, status=201)
async def freeze(request: Request, holder_id: int) -> HTTPResponse:
    """Freeze the card a child uses: money, doors or both. A second tap changes nothing."""
    parts = parts_of(request)
    chosen = read_json(request, FreezeShape).chosen()
    actor, card = actor_of(request), await _card(request, holder_id)
    at = int(parts.clock())
    change = await freeze_card(card.id, chosen, actor=actor, at=at, bus=parts.bus)
    return answer(state_body(change.card), 201)


@routes.delete("/children/<holder_id:int>/freezes")
@for_guardian
@described(StateTold)
async def lift(request: Request, holder_id: int) -> HTTPResponse:
    """Lift what this guardian froze; 403 for anybody else's freeze."""
    parts = parts_of(request)
    actor, card = actor_of(request), await _card(request, holder_id)
    change = await lift_freeze(card.id, actor=actor, at=int(parts.clock()), bus=parts.bus)
    return answer(state_body(change.card))


@routes.get("/children/<holder_id:int>/freezes")
@for_guardian
@described(FreezeTold)
async def show_freeze(request: Request, holder_id: int) -> HTTPResponse:
    """The state, and how many of the terminals hold a denylist that has it."""
    view = await read_freeze((await _card(request, holder_id)).id)
    parts = parts_of(request)
    informed = await count_informed(
        view.denylist_version, parts.clock(), view.doors_version, rules=parts.rules.bundle
    )
    return answer(freeze_body(view.card, informed.known_by, informed.terminals))


async def _card(request: Request, holder_id: int) -> Card:
    at = int(parts_of(request).clock())
    return await look_at_child(holder_id, Look.CARD, actor=actor_of(request), at=at)
