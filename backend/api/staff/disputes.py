"""Contested payments at the office: listed without names, decided once, no money moved."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Fen
from backend.domain.dispute import NOTE_LENGTH_MAX, DisputeState, Remedy
from backend.usecases.disputes.decide_dispute import decide_dispute
from backend.usecases.disputes.read_disputes import read_open_disputes

ID_MAX = 2**63 - 1
LINES_MAX = 100

routes = Blueprint("staff_disputes")


class AfterQuery(Shape):
    """`after` is the last payment_id of the page before."""

    after: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


class DecisionShape(Shape):
    """Whether the holder was right, and why; the holder reads the note."""

    decision: Literal["upheld", "refused"]
    note: Annotated[str, Field(max_length=NOTE_LENGTH_MAX)] = ""


class RemedyTold(TypedDict):
    """The correction to ask for: a void of exactly, a refund of at most `amount_fen`."""

    kind: Literal["refund", "void"]
    payment_id: int
    amount_fen: Fen


class OpenDisputeTold(TypedDict):
    """A contested payment with what is needed to decide; no name, the card says whose it is.

    `is_automatic`: nobody has looked at it. The ledger contested it, because `first_payment_id` had
    used the code before, or the report of a theft did (`reason` is `stolen_terminal`).
    """

    payment_id: int
    first_payment_id: int
    cardholder_id: int
    card_number: str
    merchant: str
    terminal: str
    occurred_at: At
    charged_fen: Fen
    borne_fen: Fen
    returned_fen: Fen
    reason: str
    note: str
    is_automatic: bool
    opened_at: At


class OpenDisputesTold(TypedDict):
    """A page by payment id; `next` is what to send as `after`, 0 when this was the last."""

    disputes: list[OpenDisputeTold]
    next: int


class DecisionTold(TypedDict):
    """What was decided, and the correction that may be asked for now (null: there is none)."""

    payment_id: int
    decision: Literal["upheld", "refused"]
    decided_at: At
    remedy: RemedyTold | None


@routes.get("/disputes")
@for_staff("payments.refund", scoped=True)
@described(OpenDisputesTold, query=AfterQuery)
async def list_open(request: Request) -> HTTPResponse:
    """What waits for a decision."""
    after_id = read_query(request, AfterQuery).after
    found = await read_open_disputes(actor_of(request), after_id=after_id, lines_max=LINES_MAX)
    body: OpenDisputesTold = {
        "disputes": [
            {
                "payment_id": one.payment_id,
                "first_payment_id": one.first_payment_id,
                "cardholder_id": one.holder_id,
                "card_number": one.card_number,
                "merchant": one.merchant,
                "terminal": one.terminal,
                "occurred_at": one.occurred_at,
                "charged_fen": one.charged_fen,
                "borne_fen": one.borne_fen,
                "returned_fen": one.returned_fen,
                "reason": one.reason,
                "note": one.note,
                "is_automatic": one.is_automatic,
                "opened_at": one.opened_at,
            }
            for one in found
        ],
        "next": found[-1].payment_id if len(found) == LINES_MAX else 0,
    }
    return answer(body)


@routes.post("/disputes/<payment_id:int>/decisions")
@for_staff("payments.refund", scoped=True)
@described(DecisionTold, body=DecisionShape, status=201)
async def decide(request: Request, payment_id: int) -> HTTPResponse:
    """201: decided. No money moves: ask for the remedy at /staff/refunds or /staff/voids."""
    shape = read_json(request, DecisionShape)
    decided = await decide_dispute(
        payment_id,
        DisputeState(shape.decision),
        shape.note,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    body: DecisionTold = {
        "payment_id": payment_id,
        "decision": shape.decision,
        "decided_at": decided.dispute.decided_at,
        "remedy": _remedy(decided.remedy),
    }
    return answer(body, 201)


def _remedy(remedy: Remedy | None) -> RemedyTold | None:
    if remedy is None:
        return None
    return {
        "kind": remedy.kind.value,
        "payment_id": remedy.payment_id,
        "amount_fen": remedy.amount_fen,
    }
