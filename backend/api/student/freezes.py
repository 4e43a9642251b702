"""One tap freezes the card; "found" lifts it; and how many terminals know is shown."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_student
from backend.api.card_told import FreezeShape, FreezeTold, StateTold, freeze_body, state_body
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer, read_json
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.lift_freeze import lift_freeze
from backend.usecases.cards.read_freeze import read_freeze
from backend.usecases.terminals.count_informed import count_informed

routes = Blueprint("student_freezes")


@routes.post("/freezes")
@for_student
@described(StateTold, body=FreezeShape, status=201)
async def freeze(request: Request) -> HTTPResponse:
    """Freeze the own card: money, doors or both. A second tap changes nothing."""
    parts = parts_of(request)
    actor = actor_of(request)
    change = await freeze_card(
        actor.id,
        read_json(request, FreezeShape).chosen(),
        actor=actor,
        at=int(parts.clock()),
        bus=parts.bus,
    )
    return answer(state_body(change.card), 201)


@routes.delete("/freezes")
@for_student
@described(StateTold)
async def say_found(request: Request) -> HTTPResponse:
    """The card was found: lift what the holder froze himself."""
    parts = parts_of(request)
    actor = actor_of(request)
    change = await lift_freeze(actor.id, actor=actor, at=int(parts.clock()), bus=parts.bus)
    return answer(state_body(change.card))


@routes.get("/freezes")
@for_student
@described(FreezeTold)
async def show_freeze(request: Request) -> HTTPResponse:
    """The state, and how many of the terminals hold a denylist that has it."""
    view = await read_freeze(actor_of(request).id)
    informed = await count_informed(
        view.denylist_version, parts_of(request).clock(), view.doors_version
    )
    return answer(freeze_body(view.card, informed.known_by, informed.terminals))
