"""The denylist as the office sees it: whether terminals believe it, and saying that it is meant."""

from __future__ import annotations

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.usecases.denylists.confirm_denylist import confirm_denylist
from backend.usecases.denylists.read_denylist import read_denylist
from campus_code.limits import VERSION_MAX

routes = Blueprint("admin_denylists")


class DenylistConfirmationShape(Shape):
    """The version somebody looked at, and why so many cards are denied."""

    version: int = Field(ge=1, le=VERSION_MAX)
    reason: str = Field(min_length=1, max_length=200)


class DenylistTold(TypedDict):
    """`denied_most`: cards the worst day denied since the confirmed version, of `cards` in all.

    While `is_meant` is false, terminals keep the list they hold.
    """

    version: int
    confirmed_version: int
    denied_most: int
    cards: int
    is_meant: bool


@routes.get("/denylist")
@for_staff("denylist.read")
@described(DenylistTold)
async def read(_request: Request) -> HTTPResponse:
    """200: where the denylist stands, and whether terminals believe it."""
    return answer(await _told())


@routes.post("/denylist/confirmations")
@for_staff("denylist.confirm")
@described(DenylistTold, body=DenylistConfirmationShape, status=201)
async def confirm(request: Request) -> HTTPResponse:
    """201: every denial up to this version is meant; terminals take it at their next contact."""
    parts = parts_of(request)
    shape = read_json(request, DenylistConfirmationShape)
    await confirm_denylist(shape.version, shape.reason, actor=actor_of(request), at=parts.clock())
    return answer(await _told(), 201)


async def _told() -> DenylistTold:
    standing = await read_denylist()
    return {
        "version": standing.version,
        "confirmed_version": standing.confirmed_version,
        "denied_most": standing.denied_most,
        "cards": standing.cards,
        "is_meant": standing.is_meant,
    }
