"""A relative without an account pays once, with the token of an invitation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import in_public
from backend.api.described import described
from backend.api.limits import Bucket, remote_address
from backend.api.parts import Parts, parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.session_told import WechatCode
from backend.api.told import At, Fen
from backend.api.top_up_told import AmountFen, RequestKey, TopUpTold, desk_of, top_up_told
from backend.domain.tokens import TOKEN_LENGTH, token_hash
from backend.tables.top_up_orders import TopUpAsked
from backend.usecases.top_ups.check_invited import check_invited
from backend.usecases.top_ups.start_invited import start_invited
from backend.usecases.top_ups.view_invitation import view_invitation

routes = Blueprint("open_invited", url_prefix="/open/invitations")

Token = Annotated[str, Field(min_length=1, max_length=TOKEN_LENGTH)]


class TokenShape(Shape):
    """The token out of the address that was shared."""

    token: Token


class InvitedShape(Shape):
    """The token, the code of `wx.login`, and what to order (fen)."""

    token: Token
    code: WechatCode
    request_key: RequestKey
    amount_fen: AmountFen


class InvitedTold(TypedDict):
    """What a stranger is shown of an invitation: the school and a masked name."""

    school: str
    holder_name: str
    amount_fen_max: Fen
    amounts_fen: list[Fen]
    expires_at: At
    state: Literal["open", "paid", "ended"]


@routes.post("/views")
@in_public
@described(InvitedTold, body=TokenShape)
async def view(request: Request) -> HTTPResponse:
    """Look at an invitation; 404 for a token that is none."""
    parts = parts_of(request)
    shape = read_json(request, TokenShape)
    await _take(parts, request, shape.token)
    face = await view_invitation(shape.token, at=int(parts.clock()))
    body: InvitedTold = {
        "school": parts.config.school,
        "holder_name": face.holder_name,
        "amount_fen_max": face.amount_fen_max,
        "amounts_fen": list(face.amounts_fen),
        "expires_at": face.expires_at,
        "state": face.state.value,
    }
    return answer(body)


@routes.post("/top-ups")
@in_public
@described(TopUpTold, body=InvitedShape, status=201)
async def start(request: Request) -> HTTPResponse:
    """Order what the invitation allows; an order that was left unpaid is closed first.

    409 invitation_paid, invitation_ended, or invitation_busy while somebody else is paying.
    """
    parts = parts_of(request)
    shape = read_json(request, InvitedShape)
    await _take(parts, request, shape.token)
    view = await start_invited(
        shape.token,
        shape.code,
        TopUpAsked(shape.request_key, shape.amount_fen),
        wechat=parts.wechat,
        desk=desk_of(parts),
    )
    return answer(top_up_told(view), 201)


@routes.post("/checks")
@in_public
@described(TopUpTold, body=TokenShape)
async def check(request: Request) -> HTTPResponse:
    """Ask WeChat Pay where the order stands; 404 when none was made."""
    parts = parts_of(request)
    shape = read_json(request, TokenShape)
    await _take(parts, request, shape.token)
    return answer(top_up_told(await check_invited(shape.token, desk_of(parts))))


async def _take(parts: Parts, request: Request, token: str) -> None:
    """Count by address, and by token: what many addresses try is one invitation."""
    await parts.limits.take(Bucket.INVITED_ADDRESS, remote_address(request, parts.config))
    await parts.limits.take(Bucket.INVITED, token_hash(token))
