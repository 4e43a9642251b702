"""Top-ups that wait for a person: told otherwise than ordered, or paid for a purse that is gone."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_staff
from backend.api.described import described
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, Fen
from backend.usecases.top_ups.read_held import read_held

ID_MAX = 2**63 - 1
LINES_MAX = 100

routes = Blueprint("staff_top_ups")


class HeldQuery(Shape):
    """`after` is the last top_up_id of the page before."""

    after: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


class HeldTopUpTold(TypedDict):
    """An order that waits; no name. `held_because` names the fields that did not fit.

    `no_purse`: it was paid as ordered, and its holder has no card any more; the money is in
    top_up_suspense under `entry_id`. Otherwise no money was booked (`entry_id` 0).
    """

    top_up_id: int
    number: str
    cardholder_id: int
    payer: str
    amount_fen: Fen
    held_because: str
    transaction_id: str
    entry_id: int
    started_at: At
    paid_at: At | None


class HeldTopUpsTold(TypedDict):
    """A page, oldest first; `next` is what to send as `after`, 0 when this was the last."""

    top_ups: list[HeldTopUpTold]
    next: int


@routes.get("/held-top-ups")
@for_staff("top_ups.read")
@described(HeldTopUpsTold, query=HeldQuery)
async def list_held(request: Request) -> HTTPResponse:
    """What waits for a person; a held order is credited by the bill that proves it."""
    rows = await read_held(read_query(request, HeldQuery).after, LINES_MAX)
    body: HeldTopUpsTold = {
        "top_ups": [
            {
                "top_up_id": row.id,
                "number": row.out_trade_no,
                "cardholder_id": row.holder_id,
                "payer": row.payer,
                "amount_fen": row.amount_fen,
                "held_because": row.held_because,
                "transaction_id": row.transaction_id or "",
                "entry_id": row.entry_id,
                "started_at": row.started_at,
                "paid_at": row.paid_at or None,
            }
            for row in rows
        ],
        "next": rows[-1].id if len(rows) == LINES_MAX else 0,
    }
    return answer(body)
