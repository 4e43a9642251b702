"""Money over the counter: cash from the drawer, or a benefit the school grants one person."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import Fen
from backend.usecases.ledger.credit_by_hand import (
    HAND_CREDIT_FEN_MAX,
    CreditAsked,
    credit_by_hand,
)

routes = Blueprint("staff_credits")


class CreditShape(Shape):
    """`request_key` is made by the asking client and stored before it is sent."""

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    purse: Literal["cash", "benefit"]
    amount_fen: Annotated[int, Field(ge=1, le=HAND_CREDIT_FEN_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class CreditTold(TypedDict):
    """The journal entry, and the purse's balance as it is now."""

    entry_id: int
    balance_fen: Fen


@routes.post("/cardholders/<holder_id:int>/credits")
@for_staff("purses.credit", whose="holder_id")
@described(CreditTold, body=CreditShape, status=201, also=(200,))
async def credit(request: Request, holder_id: int) -> HTTPResponse:
    """201: the money is in the purse. 200: this request key brought it in before."""
    parts = parts_of(request)
    shape = read_json(request, CreditShape)
    asked = CreditAsked(shape.request_key, holder_id, shape.purse, shape.amount_fen, shape.reason)
    made = await credit_by_hand(parts.ledger, parts.clock, asked, actor_of(request))
    body: CreditTold = {"entry_id": made.entry_id, "balance_fen": made.balance_fen}
    return answer(body, 201 if made.is_new else 200)
