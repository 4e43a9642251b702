"""A bound phone logs in by its WeChat account, and logs out."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_student, in_public
from backend.api.described import NothingTold, described
from backend.api.limits import Bucket, remote_address
from backend.api.parts import parts_of
from backend.api.reading import answer, read_json
from backend.api.session_told import SessionTold, WechatLoginShape
from backend.usecases.sessions.end_session import end_session
from backend.usecases.sessions.log_in_phone import log_in_phone

routes = Blueprint("student_sessions")


class PhoneSessionTold(SessionTold):
    """A session of a phone that was bound before, and the card it is bound to."""

    card_number: str
    issue: int


@routes.post("/sessions")
@in_public
@described(PhoneSessionTold, body=WechatLoginShape, status=201)
async def log_in(request: Request) -> HTTPResponse:
    """Log in; 404 not_bound when no phone is bound by this account. Older sessions end."""
    parts = parts_of(request)
    await parts.limits.take(Bucket.WECHAT, remote_address(request, parts.config))
    made = await log_in_phone(
        read_json(request, WechatLoginShape).wechat_code,
        wechat=parts.wechat,
        at=int(parts.clock()),
        randomness=parts.randomness,
    )
    body: PhoneSessionTold = {
        "session": made.session,
        "expires_at": made.expires_at,
        "card_number": made.card_number,
        "issue": made.issue,
    }
    return answer(body, 201)


@routes.delete("/sessions")
@for_student
@described(NothingTold)
async def log_out(request: Request) -> HTTPResponse:
    """End this phone's session; its card stays bound until another phone is."""
    await end_session(actor_of(request), at=int(parts_of(request).clock()))
    return answer({})
