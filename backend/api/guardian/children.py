"""The children: their cards, and what each of them shares. Each look leaves a line in his trail."""

from __future__ import annotations

from typing import Literal

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_guardian
from backend.api.card_told import EmergencyCodeTold, emergency_body
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer, read_query
from backend.api.statement_told import PaymentsQuery, PaymentsTold, payments_told
from backend.api.told import CardStateWord, Fen, state_word
from backend.domain.card import Card
from backend.domain.guardian import Look
from backend.domain.phone import emergency_code_for, ends_of_day
from backend.usecases.cardholders.read_payments import read_payments
from backend.usecases.guardians.list_children import ChildView, list_children
from backend.usecases.guardians.look_at_child import look_at_child
from campus_code.days import local_date

TAIL_DIGITS = 4

routes = Blueprint("guardian_children")


class ChildCardTold(TypedDict):
    """The card a child uses; `is_frozen_by_me` says whether this guardian may lift the freeze."""

    card_id: int
    state: CardStateWord
    are_doors_frozen: bool
    card_number_tail: str
    is_frozen_by_me: bool


class ChildTold(TypedDict):
    """A cardholder a guardian looks after; amounts are null where they are not shared."""

    cardholder_id: int
    name: str
    class_id: int
    department: str
    is_adult: bool
    sees: Literal["state", "balance", "all"]
    card: ChildCardTold | None
    balance_fen: Fen | None
    spent_today_fen: Fen | None


class ChildrenTold(TypedDict):
    """Everybody a guardian looks after."""

    children: list[ChildTold]


@routes.get("/children")
@for_guardian
@described(ChildrenTold)
async def show_children(request: Request) -> HTTPResponse:
    """Everybody this guardian looks after, and what they share."""
    parts = parts_of(request)
    actor = actor_of(request)
    views = await list_children(actor, rules=parts.rules.bundle, at=int(parts.clock()))
    body: ChildrenTold = {"children": [_child(view, actor.label) for view in views]}
    return answer(body)


@routes.get("/children/<holder_id:int>/payments")
@for_guardian
@described(PaymentsTold, query=PaymentsQuery)
async def list_payments(request: Request, holder_id: int) -> HTTPResponse:
    """A page of a child's payments; 403 not_shared unless all is shared."""
    page = read_query(request, PaymentsQuery)
    at = int(parts_of(request).clock())
    card = await look_at_child(holder_id, Look.PAYMENTS, actor=actor_of(request), at=at)
    lines = await read_payments(
        card.id, before_id=page.before, lines_max=page.limit, month=page.month
    )
    return answer(payments_told(lines, page.limit))


@routes.get("/children/<holder_id:int>/emergency-code")
@for_guardian
@described(EmergencyCodeTold)
async def show_emergency_code(request: Request, holder_id: int) -> HTTPResponse:
    """Today's emergency code of a child; 403 not_shared unless all is shared."""
    parts = parts_of(request)
    at = int(parts.clock())
    card = await look_at_child(holder_id, Look.EMERGENCY_CODE, actor=actor_of(request), at=at)
    offset = parts.rules.bundle.utc_offset_seconds
    today = local_date(at, offset)
    code = emergency_code_for(parts.keyrings.terminal, card.number, card.issue, today, at)
    return answer(emergency_body(code, today, ends_of_day(today, offset)))


def _child(view: ChildView, label: str) -> ChildTold:
    return {
        "cardholder_id": view.holder_id,
        "name": view.name,
        "class_id": view.class_id,
        "department": view.department,
        "is_adult": view.is_adult,
        "sees": view.sees.value,
        "card": None if view.card is None else _card(view.card, label),
        "balance_fen": view.balance_fen,
        "spent_today_fen": view.spent_fen,
    }


def _card(card: Card, label: str) -> ChildCardTold:
    return {
        "card_id": card.id,
        "state": state_word(card.state),
        "are_doors_frozen": card.are_doors_frozen,
        "card_number_tail": card.number[-TAIL_DIGITS:],
        "is_frozen_by_me": card.frozen_by == label,
    }
