"""Leaving: what is left, and one tap that sends it back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student
from backend.api.described import described
from backend.api.lot_told import LotTold, OwnRefundTold, lot_told, own_refund_told
from backend.api.parts import Parts, parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import Fen
from backend.usecases.leavings.leave import leave
from backend.usecases.leavings.read_leaving import read_leaving

routes = Blueprint("student_leaving")


class LeaveShape(Shape):
    """`request_key` is made by the phone and stored before it is sent."""

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]


class LeavingTold(TypedDict):
    """What is left by where it goes: lots back to their payers, `cash_fen` over the counter."""

    is_open: bool
    balance_fen: Fen
    lots: list[LotTold]
    cash_fen: Fen
    refunds: list[OwnRefundTold]


@routes.get("/leaving")
@for_student
@described(LeavingTold)
async def show(request: Request) -> HTTPResponse:
    """Whether the holder may leave, and what goes where."""
    return await _answer(parts_of(request), actor_of(request).holder_id or 0, 200)


@routes.post("/leaving/refunds")
@for_student
@described(LeavingTold, body=LeaveShape, status=201)
async def send_back(request: Request) -> HTTPResponse:
    """201: all that WeChat Pay still takes back is on its way; a repeat changes nothing."""
    parts, actor = parts_of(request), actor_of(request)
    shape = read_json(request, LeaveShape)
    await leave(parts.ledger, parts.clock, parts.randomness, shape.request_key, actor)
    return await _answer(parts, actor.holder_id or 0, 201)


async def _answer(parts: Parts, holder_id: int, status: int) -> HTTPResponse:
    found = await read_leaving(parts.ledger, holder_id, int(parts.clock()))
    body: LeavingTold = {
        "is_open": found.is_open,
        "balance_fen": found.balance_fen,
        "lots": [lot_told(one) for one in found.lots],
        "cash_fen": found.cash_fen,
        "refunds": [own_refund_told(row) for row in found.refunds],
    }
    return answer(body, status)
