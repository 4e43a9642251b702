"""Why the office did something to a person or a card: kept in the trail, for offices to read."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Request

from backend.api.reading import Shape, read_json

REASON_LENGTH_MAX = 200

Reason = Annotated[str, Field(max_length=REASON_LENGTH_MAX)]


class CardReasonShape(Shape):
    """Why; the office's web always asks, a program may leave it out."""

    reason: Reason = ""


def read_reason(request: Request) -> str:
    """The reason in the body; a request without a body gives none."""
    return read_json(request, CardReasonShape).reason.strip() if request.body else ""
