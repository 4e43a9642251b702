"""Key epochs, as the office sees them: their spans, never their keys."""

from __future__ import annotations

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At
from backend.domain.epoch import EPOCH_OVERLAP_SECONDS_MAX
from backend.tables.holdings import span_of
from backend.tables.school import EpochKeyRow
from backend.usecases.epochs.rotate_epoch import rotate_epoch

routes = Blueprint("admin_epochs")

EPOCHS_SHOWN_MAX = 20


class RotationShape(Shape):
    """Why, and for how long terminals still take codes of the old epochs (seconds)."""

    reason: str = Field(min_length=1, max_length=200)
    overlap_seconds: int = Field(ge=0, le=EPOCH_OVERLAP_SECONDS_MAX)


class EpochTold(TypedDict):
    """A key epoch's span; `retired_at` is when terminals stop taking it early, or null."""

    epoch: int
    valid_from: At
    valid_until: At
    retired_at: At | None


class EpochsTold(TypedDict):
    """The newest epochs."""

    epochs: list[EpochTold]


class RotatedTold(TypedDict):
    """The numbers of the new epochs."""

    epochs: list[int]


@routes.get("/epochs")
@for_staff("epochs.read")
@described(EpochsTold)
async def read_all(_request: Request) -> HTTPResponse:
    """200: the newest epochs; times are Unix seconds."""
    rows = await EpochKeyRow.all().order_by("-epoch").limit(EPOCHS_SHOWN_MAX)
    spans = [span_of(row) for row in rows]
    told: list[EpochTold] = [
        {
            "epoch": span.epoch,
            "valid_from": span.valid_from,
            "valid_until": span.valid_until,
            "retired_at": span.retired_at,
        }
        for span in spans
    ]
    body: EpochsTold = {"epochs": told}
    return answer(body)


@routes.post("/epochs/rotations")
@for_staff("epochs.rotate")
@described(RotatedTold, body=RotationShape, status=201)
async def rotate(request: Request) -> HTTPResponse:
    """201: new epochs count from now on; terminals and phones are woken up."""
    parts = parts_of(request)
    shape = read_json(request, RotationShape)
    epochs = await rotate_epoch(
        shape.overlap_seconds,
        shape.reason,
        actor=actor_of(request),
        vault=parts.vault,
        randomness=parts.randomness,
        at=parts.clock(),
        bus=parts.bus,
    )
    await parts.keyrings.refresh()
    body: RotatedTold = {"epochs": epochs}
    return answer(body, 201)
