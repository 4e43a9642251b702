"""One's own card, statement and freeze: on the holder's phone, and in a visit to a kiosk.

A kiosk's routes name the visit in the path; who acts and whose card it is says the rule of access.
"""

from __future__ import annotations

from sanic import HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import SharedRoutes, actor_of, card_id_of
from backend.api.card_told import FreezeShape, FreezeTold, StateTold, freeze_body, state_body
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer, read_json, read_query
from backend.api.statement_told import PaymentsQuery, PaymentsTold, payments_told
from backend.api.told import CardStateWord, Day, Fen, state_word
from backend.usecases.cardholders.read_payments import read_payments
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.lift_freeze import lift_freeze
from backend.usecases.cards.read_card import read_card
from backend.usecases.cards.read_freeze import read_freeze
from backend.usecases.terminals.count_informed import count_informed


class CardTold(TypedDict):
    """The card, its holder's purses, and what was spent in this business day.

    `is_lift_mine`: whether a freeze of this card, if there is one, is the asker's to lift.
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


@described(CardTold)
async def show_card(request: Request) -> HTTPResponse:
    """The card's state, the purses and what was spent today."""
    parts = parts_of(request)
    view = await read_card(actor_of(request), rules=parts.rules.bundle, at=int(parts.clock()))
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


@described(PaymentsTold, query=PaymentsQuery)
async def list_payments(request: Request) -> HTTPResponse:
    """A page of payments, newest first; `before` is the last payment_id of the page before."""
    page = read_query(request, PaymentsQuery)
    lines = await read_payments(
        card_id_of(request), before_id=page.before, lines_max=page.limit, month=page.month
    )
    return answer(payments_told(lines, page.limit))


@described(StateTold, body=FreezeShape, status=201)
async def freeze(request: Request) -> HTTPResponse:
    """Freeze the own card: money, doors or both. A second tap changes nothing."""
    parts = parts_of(request)
    change = await freeze_card(
        card_id_of(request),
        read_json(request, FreezeShape).chosen(),
        actor=actor_of(request),
        at=int(parts.clock()),
        bus=parts.bus,
    )
    return answer(state_body(change.card), 201)


@described(StateTold)
async def say_found(request: Request) -> HTTPResponse:
    """The card was found: lift what the holder froze himself."""
    parts = parts_of(request)
    actor, at = actor_of(request), int(parts.clock())
    change = await lift_freeze(card_id_of(request), actor=actor, at=at, bus=parts.bus)
    return answer(state_body(change.card))


@described(FreezeTold)
async def show_freeze(request: Request) -> HTTPResponse:
    """The state, and how many of the terminals hold a denylist that has it."""
    view = await read_freeze(card_id_of(request))
    parts = parts_of(request)
    informed = await count_informed(
        view.denylist_version, parts.clock(), view.doors_version, rules=parts.rules.bundle
    )
    return answer(freeze_body(view.card, informed.known_by, informed.terminals))


CARD: SharedRoutes = (("GET", "/card", show_card),)
PAYMENTS: SharedRoutes = (("GET", "/payments", list_payments),)
FREEZE_SHOWN: SharedRoutes = (("GET", "/freezes", show_freeze),)
FREEZE: SharedRoutes = (("POST", "/freezes", freeze),)
FOUND: SharedRoutes = (("DELETE", "/freezes", say_found),)
OWN_CARD: SharedRoutes = (*CARD, *PAYMENTS, *FREEZE_SHOWN, *FREEZE, *FOUND)
