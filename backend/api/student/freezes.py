"""One tap freezes the card; "found" lifts it; and how many terminals know is shown."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At, CardStateWord, state_word
from backend.domain.card import Card, Part
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.lift_freeze import lift_freeze
from backend.usecases.cards.read_freeze import read_freeze
from backend.usecases.terminals.count_informed import count_informed

routes = Blueprint("student_freezes")


class FreezeShape(Shape):
    """What to stop."""

    parts: Annotated[list[Literal["money", "doors"]], Field(min_length=1, max_length=2)]

    def chosen(self) -> frozenset[Part]:
        """The parts, as the domain names them."""
        return frozenset(Part(part) for part in self.parts)


class StateTold(TypedDict):
    """A card's state; `frozen_at` is 0 while its money is not frozen."""

    state: CardStateWord
    are_doors_frozen: bool
    frozen_at: At


class FreezeTold(StateTold):
    """The state, and how many of the terminals know."""

    known_by: int
    terminals: int


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
    informed = await count_informed(view.denylist_version, parts_of(request).clock())
    body: FreezeTold = {
        **state_body(view.card),
        "known_by": informed.known_by,
        "terminals": informed.terminals,
    }
    return answer(body)


def state_body(card: Card) -> StateTold:
    """A card's state as JSON."""
    return {
        "state": state_word(card.state),
        "are_doors_frozen": card.are_doors_frozen,
        "frozen_at": card.frozen_at,
    }
