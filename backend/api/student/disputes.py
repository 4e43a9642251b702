"""One tap contests a payment; the office answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At, Fen
from backend.domain.dispute import NOTE_LENGTH_MAX, DisputeReason
from backend.domain.feature import Feature
from backend.tables.switches import require_on
from backend.usecases.disputes.open_dispute import open_dispute
from backend.usecases.disputes.read_disputes import read_own_disputes

PAYMENT_ID_MAX = (1 << 53) - 1
LINES_MAX = 100

routes = Blueprint("student_disputes")

StateWord = Literal["open", "upheld", "refused"]


class DisputeShape(Shape):
    """Which payment, why, and what else there is to say."""

    payment_id: Annotated[int, Field(ge=1, le=PAYMENT_ID_MAX)]
    reason: Literal["not_me", "wrong_amount", "twice", "other"]
    note: Annotated[str, Field(max_length=NOTE_LENGTH_MAX)] = ""


class DisputeOpenedTold(TypedDict):
    """The one dispute about this payment, as it stands."""

    payment_id: int
    opened_at: At
    state: StateWord


class DisputeTold(TypedDict):
    """A contested payment. `reason` is the holder's, or why the school itself contested it
    (`is_automatic`): a refusal, or `stolen_terminal`. `decided_at` is 0 while it is open.
    """

    payment_id: int
    merchant: str
    occurred_at: At
    charged_fen: Fen
    returned_fen: Fen
    reason: str
    note: str
    is_automatic: bool
    opened_at: At
    state: StateWord
    decided_at: At
    decision_note: str


class DisputesTold(TypedDict):
    """The newest first."""

    disputes: list[DisputeTold]


@routes.post("/disputes")
@for_student
@described(DisputeOpenedTold, body=DisputeShape, status=201, also=(200,))
async def contest(request: Request) -> HTTPResponse:
    """201: contested. 200: it was already, and what was said first stands."""
    await require_on(Feature.DISPUTES)
    shape = read_json(request, DisputeShape)
    opened = await open_dispute(
        shape.payment_id,
        DisputeReason(shape.reason),
        shape.note,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    body: DisputeOpenedTold = {
        "payment_id": opened.dispute.payment_id,
        "opened_at": opened.dispute.opened_at,
        "state": opened.dispute.state.value,
    }
    return answer(body, 201 if opened.is_new else 200)


@routes.get("/disputes")
@for_student
@described(DisputesTold)
async def list_disputes(request: Request) -> HTTPResponse:
    """Every dispute about the holder's payments, the newest LINES_MAX."""
    body: DisputesTold = {
        "disputes": [
            {
                "payment_id": one.payment_id,
                "merchant": one.merchant,
                "occurred_at": one.occurred_at,
                "charged_fen": one.charged_fen,
                "returned_fen": one.returned_fen,
                "reason": one.reason,
                "note": one.note,
                "is_automatic": one.is_automatic,
                "opened_at": one.opened_at,
                "state": one.state.value,
                "decided_at": one.decided_at,
                "decision_note": one.decision_note,
            }
            for one in await read_own_disputes(actor_of(request).id, lines_max=LINES_MAX)
        ]
    }
    return answer(body)
