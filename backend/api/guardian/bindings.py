"""Becoming a guardian: with a code on paper, or by a phone number the school has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import in_public
from backend.api.described import described
from backend.api.limits import Bucket, remote_address
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.session_told import PaperCode, SessionTold, WechatCode
from backend.domain.guardian import NAME_LENGTH_MAX
from backend.usecases.guardians.bind_guardian import bind_guardian
from backend.usecases.guardians.bind_known_guardian import bind_known_guardian
from backend.usecases.wechat.hash_number import hash_number
from backend.usecases.wechat.know_account import know_account

routes = Blueprint("guardian_bindings")

Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX)]


class GuardianBindingShape(Shape):
    """The code as it was typed, the code of `wx.login`, and what the child calls the guardian."""

    code: PaperCode
    wechat_code: WechatCode
    name: Name


class GuardianPhoneShape(Shape):
    """The code of the phone-number button, the code of `wx.login`, and a name."""

    phone_code: WechatCode
    wechat_code: WechatCode
    name: Name


@routes.post("/bindings")
@in_public
@described(SessionTold, body=GuardianBindingShape, status=201)
async def redeem_code(request: Request) -> HTTPResponse:
    """Redeem a guardian code; a second code adds a child to the same WeChat account."""
    parts = parts_of(request)
    await parts.limits.take(Bucket.BINDING, remote_address(request, parts.config))
    shape = read_json(request, GuardianBindingShape)
    at = int(parts.clock())
    wechat_id = await know_account(shape.wechat_code, wechat=parts.wechat, vault=parts.vault, at=at)
    made = await bind_guardian(
        shape.code, shape.name, wechat_id, at=at, randomness=parts.randomness
    )
    body: SessionTold = {"session": made.session, "expires_at": made.expires_at}
    return answer(body, 201)


@routes.post("/phone-bindings")
@in_public
@described(SessionTold, body=GuardianPhoneShape, status=201)
async def redeem_number(request: Request) -> HTTPResponse:
    """Become a guardian of every minor the school has this phone number for."""
    parts = parts_of(request)
    await parts.limits.take(Bucket.BINDING, remote_address(request, parts.config))
    shape = read_json(request, GuardianPhoneShape)
    at = int(parts.clock())
    wechat_id = await know_account(shape.wechat_code, wechat=parts.wechat, vault=parts.vault, at=at)
    phone_hash = await hash_number(shape.phone_code, wechat=parts.wechat, vault=parts.vault)
    made = await bind_known_guardian(
        phone_hash, shape.name, wechat_id, at=at, randomness=parts.randomness
    )
    body: SessionTold = {"session": made.session, "expires_at": made.expires_at}
    return answer(body, 201)
