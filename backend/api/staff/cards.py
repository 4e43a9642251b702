"""The card office's work on cards."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.card_told import FreezeShape
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.qr_told import qr_rows
from backend.api.reading import answer, read_json
from backend.api.reasons import CardReasonShape, Reason, read_reason
from backend.api.told import At, CardStateWord, state_word
from backend.domain.card import Card
from backend.usecases.bindings.make_binding_code import make_binding_code
from backend.usecases.cards.close_card import close_card
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.lift_freeze import lift_freeze
from backend.usecases.cards.replace_card import replace_card
from backend.usecases.cards.report_loss import report_loss

routes = Blueprint("staff_cards", url_prefix="/cards")


class StaffFreezeShape(FreezeShape):
    """What to stop, and why."""

    reason: Reason = ""


class BindingCodeTold(TypedDict):
    """A binding code; it is shown this once. `qr` is its picture: rows of modules, dark ones 1."""

    code: str
    expires_at: At
    qr: list[str]


class CardChangedTold(TypedDict):
    """A card as it became."""

    card_id: int
    card_number: str
    state: CardStateWord
    are_doors_frozen: bool
    issue: int


@routes.post("/<card_id:int>/bindings")
@for_staff("cards.bind", whose="card_id")
@described(BindingCodeTold, body=CardReasonShape, status=201)
async def hand_out_code(request: Request, card_id: int) -> HTTPResponse:
    """Make the card's one live binding code; it is shown this once."""
    parts = parts_of(request)
    made = await make_binding_code(
        card_id,
        actor=actor_of(request),
        at=int(parts.clock()),
        randomness=parts.randomness,
        reason=read_reason(request),
    )
    body: BindingCodeTold = {
        "code": made.code,
        "expires_at": made.expires_at,
        "qr": qr_rows(made.code),
    }
    return answer(body, 201)


@routes.post("/<card_id:int>/freezes")
@for_staff("cards.freeze", whose="card_id")
@described(CardChangedTold, body=StaffFreezeShape, status=201)
async def freeze(request: Request, card_id: int) -> HTTPResponse:
    """Freeze over the holder's head; he cannot lift it himself."""
    parts = parts_of(request)
    shape = read_json(request, StaffFreezeShape)
    change = await freeze_card(
        card_id,
        shape.chosen(),
        actor=actor_of(request),
        at=int(parts.clock()),
        bus=parts.bus,
        reason=shape.reason,
    )
    return answer(_body(change.card), 201)


@routes.delete("/<card_id:int>/freezes", ignore_body=False)
@for_staff("cards.unfreeze", whose="card_id")
@described(CardChangedTold, body=CardReasonShape)
async def lift(request: Request, card_id: int) -> HTTPResponse:
    """Lift any freeze; a lost card is not lifted."""
    parts = parts_of(request)
    actor = actor_of(request)
    change = await lift_freeze(
        card_id, actor=actor, at=int(parts.clock()), bus=parts.bus, reason=read_reason(request)
    )
    return answer(_body(change.card))


@routes.post("/<card_id:int>/losses")
@for_staff("cards.freeze", whose="card_id")
@described(CardChangedTold, body=CardReasonShape, status=201)
async def take_loss(request: Request, card_id: int) -> HTTPResponse:
    """Report the card or its phone lost."""
    parts = parts_of(request)
    actor = actor_of(request)
    change = await report_loss(
        card_id, actor=actor, at=int(parts.clock()), bus=parts.bus, reason=read_reason(request)
    )
    return answer(_body(change.card), 201)


@routes.post("/<card_id:int>/replacements")
@for_staff("cards.replace", whose="card_id")
@described(CardChangedTold, body=CardReasonShape, status=201)
async def replace(request: Request, card_id: int) -> HTTPResponse:
    """Give the holder a new card with a new number in place of this one."""
    parts = parts_of(request)
    made = await replace_card(
        card_id,
        actor=actor_of(request),
        at=int(parts.clock()),
        randomness=parts.randomness,
        bus=parts.bus,
        reason=read_reason(request),
    )
    return answer(_body(made), 201)


@routes.post("/<card_id:int>/closures")
@for_staff("cards.close", whose="card_id")
@described(CardChangedTold, body=CardReasonShape, status=201)
async def close(request: Request, card_id: int) -> HTTPResponse:
    """Close the card for good; refused while money remains."""
    parts = parts_of(request)
    actor = actor_of(request)
    change = await close_card(
        card_id, actor=actor, at=int(parts.clock()), bus=parts.bus, reason=read_reason(request)
    )
    return answer(_body(change.card), 201)


def _body(card: Card) -> CardChangedTold:
    return {
        "card_id": card.id,
        "card_number": card.number,
        "state": state_word(card.state),
        "are_doors_frozen": card.are_doors_frozen,
        "issue": card.issue,
    }
