"""Guardians log in by their WeChat account, and log out."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_guardian, in_public
from backend.api.described import NothingTold, described
from backend.api.limits import Bucket, remote_address
from backend.api.parts import parts_of
from backend.api.reading import answer, read_json
from backend.api.session_told import SessionTold, WechatLoginShape
from backend.usecases.guardians.log_in_guardian import log_in_guardian
from backend.usecases.sessions.end_session import end_session

routes = Blueprint("guardian_sessions")


@routes.post("/sessions")
@in_public
@described(SessionTold, body=WechatLoginShape, status=201)
async def open_session(request: Request) -> HTTPResponse:
    """Log in; 404 not_bound for an account that looks after nobody."""
    parts = parts_of(request)
    await parts.limits.take(Bucket.WECHAT, remote_address(request, parts.config))
    made = await log_in_guardian(
        read_json(request, WechatLoginShape).wechat_code,
        wechat=parts.wechat,
        at=int(parts.clock()),
        randomness=parts.randomness,
    )
    body: SessionTold = {"session": made.session, "expires_at": made.expires_at}
    return answer(body, 201)


@routes.delete("/sessions")
@for_guardian
@described(NothingTold)
async def close_session(request: Request) -> HTTPResponse:
    """Log out."""
    await end_session(actor_of(request), at=int(parts_of(request).clock()))
    return answer({})
