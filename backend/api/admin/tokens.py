"""Tokens of the school's own programs: they read, and only what they were given."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At
from backend.domain.access import TOKEN_VERBS
from backend.domain.place import ID_MAX
from backend.tables.api_token import ApiTokenRow
from backend.usecases.tokens.end_token import end_token
from backend.usecases.tokens.make_token import TokenDraft, make_token

DAYS_MAX = 366
NAME_LENGTH_MAX = 64
TOKENS_MAX = 500

routes = Blueprint("admin_tokens")


class ApiTokenShape(Shape):
    """A program that is to read: what, below which place (0: the school), for how many days."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX)]
    verbs: Annotated[list[str], Field(min_length=1, max_length=len(TOKEN_VERBS))]
    place_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    days: Annotated[int, Field(ge=1, le=DAYS_MAX)]


class EndTokenShape(Shape):
    """Why it is to end."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class MadeTokenTold(TypedDict):
    """The token; it is told this once."""

    token_id: int
    token: str
    expires_at: At


class ApiTokenTold(TypedDict):
    """A token without its secret; `used_at` is exact to the minute, null: never."""

    token_id: int
    name: str
    verbs: list[str]
    place_id: int
    made_by: str
    made_at: At
    expires_at: At
    ended_at: At | None
    used_at: At | None


class ApiTokensTold(TypedDict):
    """Every token, newest first, and what may be given to one."""

    verbs: list[str]
    tokens: list[ApiTokenTold]


@routes.get("/tokens")
@for_staff("tokens.read")
@described(ApiTokensTold)
async def list_tokens(_request: Request) -> HTTPResponse:
    """Every token there is or was."""
    rows = await ApiTokenRow.all().order_by("-id").limit(TOKENS_MAX)
    body: ApiTokensTold = {
        "verbs": sorted(TOKEN_VERBS),
        "tokens": [
            {
                "token_id": row.id,
                "name": row.name,
                "verbs": json.loads(row.verbs),
                "place_id": row.place_id,
                "made_by": row.made_by,
                "made_at": row.made_at,
                "expires_at": row.expires_at,
                "ended_at": row.ended_at or None,
                "used_at": row.used_at or None,
            }
            for row in rows
        ],
    }
    return answer(body)


@routes.post("/tokens")
@for_staff("tokens.make")
@described(MadeTokenTold, body=ApiTokenShape, status=201)
async def make(request: Request) -> HTTPResponse:
    """201: the token, told this once; a program sends it as `Authorization: Bearer`."""
    parts, shape = parts_of(request), read_json(request, ApiTokenShape)
    made = await make_token(
        TokenDraft(shape.name, shape.verbs, shape.place_id, shape.days),
        actor=actor_of(request),
        at=int(parts.clock()),
        randomness=parts.randomness,
    )
    body: MadeTokenTold = {
        "token_id": made.id,
        "token": made.token,
        "expires_at": made.expires_at,
    }
    return answer(body, 201)


@routes.post("/tokens/<token_id:int>/ends")
@for_staff("tokens.make")
@described(NothingTold, body=EndTokenShape, status=201)
async def end(request: Request, token_id: int) -> HTTPResponse:
    """201: it reads nothing any more."""
    reason = read_json(request, EndTokenShape).reason
    at = int(parts_of(request).clock())
    await end_token(token_id, reason, actor=actor_of(request), at=at)
    return answer({}, 201)
