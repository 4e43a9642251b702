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
from backend.tables.merchant import MerchantRow
from backend.usecases.merchants.create_merchant import create_merchant

routes = Blueprint("admin_merchants")


class MerchantShape(Shape):
    """A new merchant's name, as statements will show it."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX)]


class MerchantTold(TypedDict):
    """One merchant."""

    merchant_id: int
    name: str
    is_active: bool


class MerchantsTold(TypedDict):
    """Every merchant the asker may see, by id."""

    merchants: list[MerchantTold]


class MerchantMadeTold(TypedDict):
    """The new merchant's id: terminals are enrolled for it."""

    merchant_id: int


@routes.post("/merchants")
@for_staff("merchants.create")
@described(MerchantMadeTold, body=MerchantShape, status=201)
async def create(request: Request) -> HTTPResponse:
    """201: it stands, with an account of what it is owed."""
    merchant_id = await create_merchant(
        read_json(request, MerchantShape).name,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    body: MerchantMadeTold = {"merchant_id": merchant_id}
    return answer(body, 201)


@routes.get("/merchants")
@for_staff("merchants.read")
@described(MerchantsTold)
async def read_all(request: Request) -> HTTPResponse:
    """Every merchant; a cashier sees the own one."""
    own_id = actor_of(request).merchant_id
    rows = MerchantRow.all() if own_id is None else MerchantRow.filter(id=own_id)
    body: MerchantsTold = {
        "merchants": [
            {"merchant_id": row.id, "name": row.name, "is_active": row.is_active}
            for row in await rows.order_by("id")
        ]
    }
    return answer(body)
