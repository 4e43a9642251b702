"""The tree campus → canteen → window. A school with one campus needs none of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.domain.errors import InvalidInputError
from backend.domain.place import ID_MAX, NAME_LENGTH_MAX, Place, PlaceKind
from backend.tables.places import read_places
from backend.usecases.places.change_place import change_place
from backend.usecases.places.close_place import close_place
from backend.usecases.places.make_place import make_place

routes = Blueprint("admin_places")


class NewPlaceShape(Shape):
    """A place: a campus stands in nothing (0), a canteen in a campus, a window in a canteen."""

    kind: Annotated[str, Field(max_length=8)]
    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX)]
    parent_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


class ChangedPlaceShape(Shape):
    """What a place is called from now on, and in which other it stands."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX)]
    parent_id: Annotated[int, Field(ge=0, le=ID_MAX)]


class PlaceTold(TypedDict):
    """One place; `parent_id` is 0 for a campus."""

    place_id: int
    parent_id: int
    kind: PlaceKind
    name: str


class PlacesTold(TypedDict):
    """Every place the asker reaches, by id."""

    places: list[PlaceTold]


@routes.get("/places")
@for_staff("places.read", scoped=True)
@described(PlacesTold)
async def read_all(request: Request) -> HTTPResponse:
    """The tree, as far as the asker reaches in it."""
    reach = actor_of(request).reach
    body: PlacesTold = {
        "places": [_told(one) for one in await read_places() if reach.has_place(one.id)]
    }
    return answer(body)


@routes.post("/places")
@for_staff("places.make", scoped=True)
@described(PlaceTold, body=NewPlaceShape, status=201)
async def create(request: Request) -> HTTPResponse:
    """201: it stands; merchants are hung into it, and roles are given at it."""
    shape = read_json(request, NewPlaceShape)
    if shape.kind not in set(PlaceKind):
        raise InvalidInputError("kind", f"must be one of {', '.join(PlaceKind)}")
    place = await make_place(
        PlaceKind(shape.kind),
        shape.name,
        shape.parent_id,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    return answer(_told(place), 201)


@routes.put("/places/<place_id:int>")
@for_staff("places.make", scoped=True)
@described(PlaceTold, body=ChangedPlaceShape)
async def change(request: Request, place_id: int) -> HTTPResponse:
    """Rename it or hang it elsewhere, with all that is below it."""
    shape = read_json(request, ChangedPlaceShape)
    place = await change_place(
        place_id,
        shape.name,
        shape.parent_id,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    return answer(_told(place))


@routes.delete("/places/<place_id:int>")
@for_staff("places.make", scoped=True)
@described(NothingTold)
async def close(request: Request, place_id: int) -> HTTPResponse:
    """Take it away; 409 while anything stands at it or anybody works there."""
    await close_place(place_id, actor=actor_of(request), at=int(parts_of(request).clock()))
    return answer({})


def _told(place: Place) -> PlaceTold:
    return {
        "place_id": place.id,
        "parent_id": place.parent_id,
        "kind": place.kind,
        "name": place.name,
    }
