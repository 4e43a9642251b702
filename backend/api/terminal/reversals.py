"""POST /terminal/reversals: undo an attempt whose answer never came."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_terminal, terminal_of
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.domain.payment import Attempt, AttemptKind, OutcomeWord
from campus_code.limits import VERSION_MAX

routes = Blueprint("terminal_reversals")


class ReversalShape(Shape):
    """Which attempt of the asking terminal; `sequence` is the reversal's own."""

    sequence: Annotated[int, Field(ge=1, le=VERSION_MAX)]
    reverses: Annotated[int, Field(ge=1, le=VERSION_MAX)]


class ReversedTold(TypedDict):
    """Whether there was something to undo; `payment_id` is 0 when there was not."""

    outcome: OutcomeWord
    payment_id: int


@routes.post("/reversals")
@for_terminal
@described(ReversedTold, body=ReversalShape)
async def reverse(request: Request) -> HTTPResponse:
    """Undo once; a repeat gets the same answer, and a late arrival of the attempt is refused."""
    parts, terminal = parts_of(request), terminal_of(request)
    asked = read_json(request, ReversalShape)
    outcome = await parts.payments.pay(
        Attempt(
            kind=AttemptKind.REVERSAL,
            terminal_id=terminal.terminal_id,
            sequence=asked.sequence,
            at=int(parts.clock()),
            reverses=asked.reverses,
        )
    )
    body: ReversedTold = {"outcome": outcome.word, "payment_id": outcome.payment_id}
    return answer(body)
