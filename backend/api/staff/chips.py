"""Physical cards at the counter: which chip is whose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.reasons import CardReasonShape, Reason, read_reason
from backend.api.told import At
from backend.domain.errors import InvalidInputError
from backend.tables.chip import ChipRow
from backend.tables.chips import chip_of
from backend.usecases.chips.bind_chip import bind_chip
from backend.usecases.chips.end_chip import end_chip
from backend.usecases.chips.list_chips import list_chips
from campus_code import ShapeError, chip_from_text
from campus_code.chips import CHIP_TEXT_CHARACTERS_MAX

routes = Blueprint("staff_chips", url_prefix="/cards")


class ChipShape(Shape):
    """The chip as the terminal at the counter names it: `desfire:04782e21801d80`."""

    chip: Annotated[str, Field(max_length=CHIP_TEXT_CHARACTERS_MAX)]
    reason: Reason = ""


class ChipTold(TypedDict):
    """A chip of a card; `ended_at` is 0 while it is taken."""

    chip: str
    bound_at: At
    ended_at: At


class ChipsTold(TypedDict):
    """Every chip a card ever had, the newest first."""

    chips: list[ChipTold]


@routes.post("/<card_id:int>/chips")
@for_staff("cards.bind", whose="card_id")
@described(ChipTold, body=ChipShape, status=201)
async def bind(request: Request, card_id: int) -> HTTPResponse:
    """Bind a chip whose keys are written; the card's former one ends. 201 also when it stood."""
    parts = parts_of(request)
    shape = read_json(request, ChipShape)
    try:
        chip = chip_from_text(shape.chip)
    except ShapeError as error:
        raise InvalidInputError("chip", str(error)) from error
    row = await bind_chip(
        card_id,
        chip,
        actor=actor_of(request),
        at=int(parts.clock()),
        bus=parts.bus,
        reason=shape.reason,
    )
    return answer(_body(row), 201)


@routes.get("/<card_id:int>/chips")
@for_staff("cards.read", whose="card_id")
@described(ChipsTold)
async def read_all(_request: Request, card_id: int) -> HTTPResponse:
    """200: the chip that is taken, if there is one, and those before it."""
    return answer(await _all(card_id))


@routes.delete("/<card_id:int>/chips", ignore_body=False)
@for_staff("cards.bind", whose="card_id")
@described(ChipsTold, body=CardReasonShape)
async def end(request: Request, card_id: int) -> HTTPResponse:
    """End the card's chip, as when it was lost; the phone goes on paying."""
    parts = parts_of(request)
    await end_chip(
        card_id,
        actor=actor_of(request),
        at=int(parts.clock()),
        bus=parts.bus,
        reason=read_reason(request),
    )
    return answer(await _all(card_id))


async def _all(card_id: int) -> ChipsTold:
    return {"chips": [_body(row) for row in await list_chips(card_id)]}


def _body(row: ChipRow) -> ChipTold:
    return {"chip": str(chip_of(row)), "bound_at": row.bound_at, "ended_at": row.ended_at}
