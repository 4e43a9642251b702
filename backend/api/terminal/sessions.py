"""A terminal's sessions: opened with its signature, used with a MAC on every request."""

from __future__ import annotations

import base64
from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import in_public
from backend.api.described import described
from backend.api.limits import Bucket, remote_address
from backend.api.parts import parts_of
from backend.api.reading import Base64, Shape, answer, read_json
from backend.api.told import At, Base64Text
from backend.domain.terminal import TERMINAL_ID_MAX
from backend.usecases.terminals.open_session import SessionRequest, open_session
from campus_code.limits import AT_MAX

routes = Blueprint("terminal_sessions")


class SessionShape(Shape):
    """Who asks, by which clock, and the Ed25519 signature over `xm-session|id|at|nonce`."""

    terminal_id: int = Field(ge=1, le=TERMINAL_ID_MAX)
    at: int = Field(ge=0, le=AT_MAX)
    nonce: Annotated[Base64, Field(min_length=16, max_length=16)]
    signature: Annotated[Base64, Field(min_length=64, max_length=64)]


class TerminalSessionTold(TypedDict):
    """A session, its key sealed to the device, when it ends, and the server's time."""

    session: str
    sealed_key: Base64Text
    expires_at: At
    server_at: At


@routes.post("/sessions")
@in_public
@described(TerminalSessionTold, body=SessionShape, status=201)
async def create(request: Request) -> HTTPResponse:
    """201: the session, its key sealed to the device, when it ends, and the server's time."""
    parts = parts_of(request)
    shape = read_json(request, SessionShape)
    await parts.limits.take(
        Bucket.TERMINAL_SESSION, remote_address(request, parts.config), shape.terminal_id
    )
    asked = SessionRequest(shape.terminal_id, shape.at, shape.nonce, shape.signature)
    opened = await open_session(asked, parts.vault, parts.randomness, parts.clock())
    body: TerminalSessionTold = {
        "session": opened.token,
        "sealed_key": base64.b64encode(opened.sealed_key).decode(),
        "expires_at": opened.expires_at,
        "server_at": int(parts.clock()),
    }
    return answer(body, 201)
