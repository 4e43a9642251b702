"""The holder's own card: state, purses, today, emergency code, and who looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, cast

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, CardStateWord, Day, Fen, state_word
from backend.domain.phone import emergency_code_for, ends_of_day, local_date
from backend.domain.spending import MONTH_MAX
from backend.domain.statement import StatementLine
from backend.usecases.audits.read_own_trail import read_own_trail
from backend.usecases.cardholders.read_payments import read_payments
from backend.usecases.cards.read_card import CardView, read_card

LINES_MAX = 50
LINES_USUAL = 20
ID_MAX = 2**63 - 1

routes = Blueprint("student_card")

DisputeWord = Literal["", "open", "upheld", "refused"]


class PageQuery(Shape):
    """A page, newest first: `before` is the last id of the page before, 0 for the newest."""

    before: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    limit: Annotated[int, Field(ge=1, le=LINES_MAX)] = LINES_USUAL


class PaymentsQuery(PageQuery):
    """A page of payments; a month YYYYMM keeps those of its business days, 0 keeps all."""

    month: Annotated[int, Field(ge=0, le=MONTH_MAX)] = 0


class CardTold(TypedDict):
    """The card, its holder's purses, and what was spent in this business day."""

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


class PurseTold(TypedDict):
    """One purse: cash, benefit."""

    purse: str
    balance_fen: Fen


class PursesTold(TypedDict):
    """Every purse of the holder."""

    purses: list[PurseTold]


class EmergencyCodeTold(TypedDict):
    """A day's emergency code, 16 digits; `on` is written YYYY-MM-DD."""

    code: str
    on: str
    expires_at: At


class PaymentTold(TypedDict):
    """One payment. charged = nominal − discount + fee; the school bore `borne_fen` of it.

    `split_fen` is what each purse paid, `returned_fen` what came back since. `dispute` is empty
    for a payment that nobody contests.
    """

    payment_id: int
    card_number: str
    merchant: str
    terminal: str
    occurred_at: At
    posted_at: At
    business_on: Day
    period_id: str
    nominal_fen: Fen
    discount_fen: Fen
    fee_fen: Fen
    charged_fen: Fen
    borne_fen: Fen
    split_fen: dict[str, Fen]
    returned_fen: Fen
    was_offline: bool
    was_late: bool
    outcome: str
    reason: str
    dispute: DisputeWord


class PaymentsTold(TypedDict):
    """A page of payments; `next` is what to send as `before`, 0 when this was the last page."""

    payments: list[PaymentTold]
    next: int


class TrailLineTold(TypedDict):
    """Who did what to the card or looked its holder up."""

    id: int
    at: At
    actor: str
    verb: str


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
    body: EmergencyCodeTold = {
        "code": code,
        "on": str(today),
        "expires_at": ends_of_day(today, offset),
    }
    return answer(body)


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
    body: TrailTold = {
        "trail": [
            {"id": line.id, "at": line.at, "actor": line.actor, "verb": line.verb} for line in lines
        ]
    }
    return answer(body)


def payments_told(lines: Sequence[StatementLine], lines_max: int) -> PaymentsTold:
    """A page of a statement as JSON; a page that is not full is the last."""
    payments: list[PaymentTold] = [
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
            "dispute": cast("DisputeWord", line.dispute),
        }
        for line in lines
    ]
    next_id = lines[-1].payment_id if len(lines) == lines_max else 0
    return {"payments": payments, "next": next_id}


async def _view(request: Request) -> CardView:
    parts = parts_of(request)
    return await read_card(actor_of(request).id, rules=parts.rules.bundle, at=int(parts.clock()))
