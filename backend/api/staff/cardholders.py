"""The card office's work on people. A person's number travels in bodies, never in a URL."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.reasons import CardReasonShape, Reason, read_reason
from backend.api.told import At, CardStateWord, Fen, state_word
from backend.domain.password import PIN_DIGITS
from backend.domain.roster import NUMBER_LENGTH_MAX
from backend.usecases.cardholders.find_cardholder import find_cardholder
from backend.usecases.cardholders.set_pin import set_pin
from backend.usecases.cards.open_card import open_card

routes = Blueprint("staff_cardholders")


class LookupShape(Shape):
    """The school's own number of a person."""

    number: Annotated[str, Field(min_length=1, max_length=NUMBER_LENGTH_MAX)]


class PinShape(Shape):
    """A new PIN, typed by the holder at the counter."""

    pin: Annotated[str, Field(min_length=PIN_DIGITS, max_length=PIN_DIGITS)]
    reason: Reason = ""


class HeldCardTold(TypedDict):
    """One of a person's cards; `frozen_at` is 0 while its money is not frozen."""

    card_id: int
    card_number: str
    state: CardStateWord
    are_doors_frozen: bool
    frozen_at: At
    frozen_by: str
    issue: int


class CardholderTold(TypedDict):
    """A person as the card office sees him."""

    cardholder_id: int
    number: str
    name: str
    department: str
    class_id: int
    is_active: bool
    is_pin_set: bool
    pin_failures: int
    purses_fen: dict[str, Fen]
    cards: list[HeldCardTold]


class NewCardTold(TypedDict):
    """A card that was opened."""

    card_id: int
    card_number: str


@routes.post("/lookups")
@for_staff("cardholders.read", scoped=True)
@described(CardholderTold, body=LookupShape)
async def look_up(request: Request) -> HTTPResponse:
    """Find a cardholder; he can see that somebody looked."""
    parts = parts_of(request)
    number = read_json(request, LookupShape).number
    view = await find_cardholder(number, actor=actor_of(request), at=int(parts.clock()))
    body: CardholderTold = {
        "cardholder_id": view.id,
        "number": view.number,
        "name": view.name,
        "department": view.department,
        "class_id": view.class_id,
        "is_active": view.is_active,
        "is_pin_set": view.is_pin_set,
        "pin_failures": view.pin_failures,
        "purses_fen": dict(view.balances_fen),
        "cards": [
            {
                "card_id": card.id,
                "card_number": card.number,
                "state": state_word(card.state),
                "are_doors_frozen": card.are_doors_frozen,
                "frozen_at": card.frozen_at,
                "frozen_by": card.frozen_by,
                "issue": card.issue,
            }
            for card in view.cards
        ],
    }
    return answer(body)


@routes.post("/cardholders/<holder_id:int>/cards")
@for_staff("cards.issue", whose="holder_id")
@described(NewCardTold, body=CardReasonShape, status=201)
async def issue_card(request: Request, holder_id: int) -> HTTPResponse:
    """Open a card for a holder who has none open; a second one is asked for (`card-requests`)."""
    parts = parts_of(request)
    card = await open_card(
        holder_id,
        rules=parts.rules.bundle,
        actor=actor_of(request),
        at=int(parts.clock()),
        randomness=parts.randomness,
        bus=parts.bus,
        is_first=True,
        reason=read_reason(request),
    )
    body: NewCardTold = {"card_id": card.id, "card_number": card.number}
    return answer(body, 201)


@routes.put("/cardholders/<holder_id:int>/pin")
@for_staff("pins.set", whose="holder_id")
@described(NothingTold, body=PinShape)
async def give_pin(request: Request, holder_id: int) -> HTTPResponse:
    """Set the holder's PIN and forget the wrong ones."""
    parts = parts_of(request)
    shape = read_json(request, PinShape)
    await set_pin(
        holder_id,
        shape.pin,
        actor=actor_of(request),
        at=int(parts.clock()),
        randomness=parts.randomness,
        vault=parts.vault,
        reason=shape.reason,
    )
    return answer({})
