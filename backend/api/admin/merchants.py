"""Merchants: canteen windows, shops, the library."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.domain.merchant import NAME_LENGTH_MAX
from backend.domain.place import ID_MAX
from backend.tables.merchant import MerchantRow
from backend.tables.places import within
from backend.usecases.merchants.create_merchant import create_merchant
from backend.usecases.merchants.place_merchant import place_merchant

routes = Blueprint("admin_merchants")


class MerchantShape(Shape):
    """A new merchant's name, as statements will show it, and where it stands (0: nowhere)."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX)]
    place_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


class StandShape(Shape):
    """Where a merchant stands from now on (0: nowhere in particular), and why."""

    place_id: Annotated[int, Field(ge=0, le=ID_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class MerchantTold(TypedDict):
    """One merchant; `place_id` 0: it stands nowhere in particular."""

    merchant_id: int
    name: str
    is_active: bool
    place_id: int


class MerchantsTold(TypedDict):
    """Every merchant the asker may see, by id."""

    merchants: list[MerchantTold]


class MerchantMadeTold(TypedDict):
    """The new merchant's id: terminals are enrolled for it."""

    merchant_id: int


@routes.post("/merchants")
@for_staff("merchants.create", scoped=True)
@described(MerchantMadeTold, body=MerchantShape, status=201)
async def create(request: Request) -> HTTPResponse:
    """201: it stands, with an account of what it is owed."""
    shape = read_json(request, MerchantShape)
    merchant_id = await create_merchant(
        shape.name,
        shape.place_id,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    body: MerchantMadeTold = {"merchant_id": merchant_id}
    return answer(body, 201)


@routes.get("/merchants")
@for_staff("merchants.read", scoped=True)
@described(MerchantsTold)
async def read_all(request: Request) -> HTTPResponse:
    """Every merchant within reach; a cashier sees the own one."""
    rows = MerchantRow.filter(**within(actor_of(request), "id"))
    body: MerchantsTold = {"merchants": [_told(row) for row in await rows.order_by("id")]}
    return answer(body)


@routes.put("/merchants/<merchant_id:int>/place")
@for_staff("places.make", scoped=True)
@described(MerchantTold, body=StandShape)
async def stand(request: Request, merchant_id: int) -> HTTPResponse:
    """It stands there from now on; who may see it changes with that at once."""
    shape = read_json(request, StandShape)
    at = int(parts_of(request).clock())
    row = await place_merchant(
        merchant_id, shape.place_id, shape.reason, actor=actor_of(request), at=at
    )
    return answer(_told(row))


def _told(row: MerchantRow) -> MerchantTold:
    return {
        "merchant_id": row.id,
        "name": row.name,
        "is_active": row.is_active,
        "place_id": row.place_id,
    }
