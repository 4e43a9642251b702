"""One person's page: who he is, his cards and purses, and everything that happened to them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.limits_told import LimitsTold, limits_told
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.staff.card_requests import CardRequestTold, request_told
from backend.api.statement_told import PaymentsQuery, PaymentsTold, payments_told
from backend.api.told import At, CardStateWord, Day, Fen, state_word
from backend.usecases.card_requests.list_requests import list_requests
from backend.usecases.cardholders.explain_payment import explain_payment
from backend.usecases.cardholders.list_disputes_of import list_disputes_of
from backend.usecases.cardholders.list_top_ups_of import list_top_ups_of
from backend.usecases.cardholders.look_at_payments import look_at_payments
from backend.usecases.cardholders.look_at_person import PersonView, look_at_person
from backend.usecases.cardholders.read_trail_of import read_trail_of
from backend.usecases.limits.look_at_limits_of import look_at_limits_of
from backend.usecases.staff.name_staff import name_staff

ID_MAX = 2**63 - 1
LINES_MAX = 100
LINES_USUAL = 50

routes = Blueprint("staff_person", url_prefix="/cardholders/<holder_id:int>")


class TrailQuery(Shape):
    """A page, newest first: `before` is the last id of the page before, 0 for the newest."""

    before: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    limit: Annotated[int, Field(ge=1, le=LINES_MAX)] = LINES_USUAL


class PersonsCardTold(TypedDict):
    """One of his cards, newest first; times are 0 where it is not so, `chip` is empty for none."""

    card_id: int
    card_number: str
    state: CardStateWord
    are_doors_frozen: bool
    frozen_at: At
    frozen_by: str
    issue: int
    opened_at: At
    closed_at: At
    replaces_id: int
    phone_at: At
    chip: str


class PersonPageTold(TypedDict):
    """A person; `ends_at` 0: his cards have no end, `ended_at` 0: they have not ended.

    `names` are those of the staff who froze a card of his, by label.
    """

    cardholder_id: int
    number: str
    name: str
    department: str
    class_id: int
    is_active: bool
    is_adult: bool
    is_limited: bool
    is_pin_set: bool
    pin_failures: int
    created_at: At
    ends_at: At
    ended_at: At
    purses_fen: dict[str, Fen]
    cards: list[PersonsCardTold]
    names: dict[str, str]


class LegTold(TypedDict):
    """One posting: so many fen from an account to another; both by their codes."""

    entry_id: int
    kind: str
    source: str
    target: str
    amount_fen: Fen


class PaymentCorrectionTold(TypedDict):
    """A refund or void, and the two people who stand for it."""

    entry_id: int
    kind: str
    amount_fen: Fen
    reason: str
    made_by: str
    approved_by: str
    posted_at: At


class PaymentExplainedTold(TypedDict):
    """A payment taken apart; `reversed_at` is 0 while it stands."""

    payment_id: int
    terminal_id: int
    sequence: int
    credential: str
    business_on: Day
    legs: list[LegTold]
    corrections: list[PaymentCorrectionTold]
    reversed_at: At


class PersonsTopUpTold(TypedDict):
    """An order of WeChat Pay for this person; `payer` is who ordered, `paid_at` 0: nobody paid."""

    top_up_id: int
    number: str
    payer: str
    amount_fen: Fen
    state: str
    held_because: str
    transaction_id: str
    started_at: At
    paid_at: At
    credited_at: At


class PersonsTopUpsTold(TypedDict):
    """The newest top-ups."""

    top_ups: list[PersonsTopUpTold]


class PersonsDisputeTold(TypedDict):
    """A contested payment of his."""

    payment_id: int
    merchant: str
    occurred_at: At
    charged_fen: Fen
    reason: str
    note: str
    is_automatic: bool
    opened_at: At
    state: Literal["open", "upheld", "refused"]
    decided_at: At
    decision_note: str


class PersonsDisputesTold(TypedDict):
    """The newest disputes."""

    disputes: list[PersonsDisputeTold]


class PersonsTrailLineTold(TypedDict):
    """Who did what to him or a card of his; `name` is a member of staff's, else empty."""

    id: int
    at: At
    actor: str
    name: str
    verb: str
    subject: str
    reason: str


class PersonsTrailTold(TypedDict):
    """A page; `next` is what to send as `before`, 0 when this was the last."""

    lines: list[PersonsTrailLineTold]
    next: int


class PersonsRequestsTold(TypedDict):
    """The requests for cards of his."""

    requests: list[CardRequestTold]


@routes.get("")
@for_staff("cardholders.read", whose="holder_id")
@described(PersonPageTold)
async def open_page(request: Request, holder_id: int) -> HTTPResponse:
    """The person; he can see that somebody looked."""
    at = int(parts_of(request).clock())
    view = await look_at_person(holder_id, actor=actor_of(request), at=at)
    names = await name_staff(one.card.frozen_by for one in view.cards)
    return answer(_page(view, names))


@routes.get("/payments")
@for_staff("statements.read", whose="holder_id")
@described(PaymentsTold, query=PaymentsQuery)
async def read_statement(request: Request, holder_id: int) -> HTTPResponse:
    """A page of his statement, newest first; he can see that somebody looked."""
    query = read_query(request, PaymentsQuery)
    lines = await look_at_payments(
        holder_id,
        before_id=query.before,
        lines_max=query.limit,
        month=query.month,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    return answer(payments_told(lines, query.limit))


@routes.get("/payments/<payment_id:int>")
@for_staff("statements.read", whose="holder_id")
@described(PaymentExplainedTold)
async def explain(_request: Request, holder_id: int, payment_id: int) -> HTTPResponse:
    """One payment of his, down to the postings."""
    found = await explain_payment(holder_id, payment_id)
    body: PaymentExplainedTold = {
        "payment_id": found.payment.id,
        "terminal_id": found.payment.terminal_id,
        "sequence": found.payment.sequence,
        "credential": found.payment.credential,
        "business_on": found.payment.business_on,
        "legs": [
            {
                "entry_id": leg.entry_id,
                "kind": leg.kind,
                "source": leg.source,
                "target": leg.target,
                "amount_fen": leg.amount_fen,
            }
            for leg in found.legs
        ],
        "corrections": [
            {
                "entry_id": one.id,
                "kind": one.kind,
                "amount_fen": one.amount_fen,
                "reason": one.reason,
                "made_by": one.made_by,
                "approved_by": one.approved_by,
                "posted_at": one.posted_at,
            }
            for one in found.corrections
        ],
        "reversed_at": found.reversed_at,
    }
    return answer(body)


@routes.get("/top-ups")
@for_staff("top_ups.read", whose="holder_id")
@described(PersonsTopUpsTold)
async def read_top_ups(_request: Request, holder_id: int) -> HTTPResponse:
    """His newest top-ups, whoever paid them."""
    body: PersonsTopUpsTold = {
        "top_ups": [
            {
                "top_up_id": row.id,
                "number": row.out_trade_no,
                "payer": row.payer,
                "amount_fen": row.amount_fen,
                "state": row.state,
                "held_because": row.held_because,
                "transaction_id": row.transaction_id or "",
                "started_at": row.started_at,
                "paid_at": row.paid_at,
                "credited_at": row.credited_at,
            }
            for row in await list_top_ups_of(holder_id, LINES_MAX)
        ]
    }
    return answer(body)


@routes.get("/disputes")
@for_staff("cardholders.read", whose="holder_id")
@described(PersonsDisputesTold)
async def read_disputes(_request: Request, holder_id: int) -> HTTPResponse:
    """The newest disputes about his payments."""
    body: PersonsDisputesTold = {
        "disputes": [
            {
                "payment_id": one.payment_id,
                "merchant": one.merchant,
                "occurred_at": one.occurred_at,
                "charged_fen": one.charged_fen,
                "reason": one.reason,
                "note": one.note,
                "is_automatic": one.is_automatic,
                "opened_at": one.opened_at,
                "state": one.state.value,
                "decided_at": one.decided_at,
                "decision_note": one.decision_note,
            }
            for one in await list_disputes_of(holder_id, LINES_MAX)
        ]
    }
    return answer(body)


@routes.get("/trail")
@for_staff("cardholders.read", whose="holder_id")
@described(PersonsTrailTold, query=TrailQuery)
async def read_trail(request: Request, holder_id: int) -> HTTPResponse:
    """Who looked at him, and what was done to him and his cards, newest first."""
    query = read_query(request, TrailQuery)
    page = await read_trail_of(holder_id, before_id=query.before, lines_max=query.limit)
    body: PersonsTrailTold = {
        "lines": [
            {
                "id": line.id,
                "at": line.at,
                "actor": line.actor,
                "name": page.names.get(line.actor, ""),
                "verb": line.verb,
                "subject": line.subject,
                "reason": str(line.detail.get("reason", "")),
            }
            for line in page.lines
        ],
        "next": page.lines[-1].id if len(page.lines) == query.limit else 0,
    }
    return answer(body)


@routes.get("/limits")
@for_staff("cardholders.read", whose="holder_id")
@described(LimitsTold)
async def read_limits(request: Request, holder_id: int) -> HTTPResponse:
    """What his guardians limited; he can see that somebody looked."""
    parts = parts_of(request)
    view = await look_at_limits_of(holder_id, actor=actor_of(request), at=int(parts.clock()))
    return answer(limits_told(view, parts.rules.bundle))


@routes.get("/card-requests")
@for_staff("cards.read", whose="holder_id")
@described(PersonsRequestsTold)
async def read_requests(request: Request, holder_id: int) -> HTTPResponse:
    """The cards that were asked for him by two people, newest first."""
    actor = actor_of(request)
    rows = await list_requests(0, LINES_MAX, holder_id=holder_id, actor=actor)
    body: PersonsRequestsTold = {"requests": [request_told(row, actor.label) for row in rows]}
    return answer(body)


def _page(view: PersonView, names: dict[str, str]) -> PersonPageTold:
    holder = view.holder
    return {
        "cardholder_id": holder.id,
        "number": holder.number,
        "name": holder.name,
        "department": holder.department,
        "class_id": holder.class_id,
        "is_active": holder.is_active,
        "is_adult": holder.is_adult,
        "is_limited": holder.is_limited,
        "is_pin_set": view.is_pin_set,
        "pin_failures": view.pin_failures,
        "created_at": view.created_at,
        "ends_at": view.ends_at,
        "ended_at": view.ended_at,
        "purses_fen": dict(view.balances_fen),
        "cards": [
            {
                "card_id": one.card.id,
                "card_number": one.card.number,
                "state": state_word(one.card.state),
                "are_doors_frozen": one.card.are_doors_frozen,
                "frozen_at": one.card.frozen_at,
                "frozen_by": one.card.frozen_by,
                "issue": one.card.issue,
                "opened_at": one.opened_at,
                "closed_at": one.closed_at,
                "replaces_id": one.replaces_id,
                "phone_at": one.phone_at,
                "chip": one.chip,
            }
            for one in view.cards
        ],
        "names": names,
    }
