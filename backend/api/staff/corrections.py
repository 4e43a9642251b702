"""Refunds and voids: one person asks, another approves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At, Fen
from backend.domain.correction import CorrectionKind
from backend.tables.corrections import read_waiting_corrections
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from campus_code.limits import AMOUNT_FEN_MAX

routes = Blueprint("staff_corrections")

PAYMENT_ID_MAX = (1 << 53) - 1
PENDING_MAX = 200
"""How many open requests one answer lists, oldest first."""


class CorrectionShape(Shape):
    """`request_key` is made by the asking client and stored before it is sent."""

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    payment_id: Annotated[int, Field(ge=1, le=PAYMENT_ID_MAX)]
    amount_fen: Annotated[int, Field(ge=1, le=4 * AMOUNT_FEN_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class CorrectionTold(TypedDict):
    """A request, and whether it still waits."""

    request_id: int
    state: Literal["waiting", "approved"]


class WaitingCorrectionTold(TypedDict):
    """One request that waits for another person."""

    request_id: int
    kind: str
    payment_id: int
    amount_fen: Fen
    reason: str
    made_by: str
    made_at: At


class WaitingCorrectionsTold(TypedDict):
    """The oldest requests that wait."""

    waiting: list[WaitingCorrectionTold]


@routes.post("/refunds")
@for_staff("payments.refund", scoped=True)
@described(CorrectionTold, body=CorrectionShape, status=201)
async def ask_refund(request: Request) -> HTTPResponse:
    """201: the request waits for another person's approval."""
    return await _ask(request, CorrectionKind.REFUND)


@routes.post("/voids")
@for_staff("payments.void", scoped=True)
@described(CorrectionTold, body=CorrectionShape, status=201)
async def ask_void(request: Request) -> HTTPResponse:
    """201: the same for a payment that should not have been."""
    return await _ask(request, CorrectionKind.VOID)


async def _ask(request: Request, kind: CorrectionKind) -> HTTPResponse:
    shape = read_json(request, CorrectionShape)
    asked = CorrectionAsked(
        shape.request_key, shape.payment_id, kind, shape.amount_fen, shape.reason
    )
    request_id = await ask_correction(asked, actor_of(request), int(parts_of(request).clock()))
    body: CorrectionTold = {"request_id": request_id, "state": "waiting"}
    return answer(body, 201)


@routes.get("/corrections")
@for_staff("payments.refund", scoped=True)
@described(WaitingCorrectionsTold)
async def read_waiting(request: Request) -> HTTPResponse:
    """The requests that wait for approval."""
    rows = await read_waiting_corrections(actor_of(request), PENDING_MAX)
    body: WaitingCorrectionsTold = {
        "waiting": [
            {
                "request_id": row.id,
                "kind": row.kind,
                "payment_id": row.payment_id,
                "amount_fen": row.amount_fen,
                "reason": row.reason,
                "made_by": row.made_by,
                "made_at": row.made_at,
            }
            for row in rows
        ]
    }
    return answer(body)


@routes.post("/corrections/<request_id:int>/approvals")
@for_staff("payments.refund", scoped=True)
@described(CorrectionTold, status=201)
async def approve(request: Request, request_id: int) -> HTTPResponse:
    """201: the money is back in the purses it came from; a repeat changes nothing."""
    parts = parts_of(request)
    await approve_correction(parts.ledger, parts.clock, request_id, actor_of(request))
    body: CorrectionTold = {"request_id": request_id, "state": "approved"}
    return answer(body, 201)
