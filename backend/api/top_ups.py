"""Topping up a purse, and inviting a relative to.

A holder does it for himself, a guardian for a child, whose `holder_id` is then in the path.
"""

from __future__ import annotations

from sanic import HTTPResponse, Request

from backend.api.access import SharedRoutes, actor_of
from backend.api.described import NothingTold, described
from backend.api.limits import Bucket
from backend.api.parts import parts_of
from backend.api.reading import answer, read_json
from backend.api.top_up_told import (
    InvitationMadeTold,
    InviteShape,
    TopUpInvitationsTold,
    TopUpShape,
    TopUpsTold,
    TopUpTold,
    desk_of,
    invitations_answer,
    made_answer,
    top_up_told,
    top_ups_told,
)
from backend.domain.feature import Feature
from backend.tables.switches import require_on
from backend.tables.top_up_orders import Payer, TopUpAsked
from backend.usecases.top_ups.check_top_up import check_top_up
from backend.usecases.top_ups.end_invitation import end_invitation
from backend.usecases.top_ups.find_payer import find_payer
from backend.usecases.top_ups.invite_relative import invite_relative
from backend.usecases.top_ups.list_invitations import list_invitations
from backend.usecases.top_ups.list_top_ups import list_top_ups
from backend.usecases.top_ups.open_sheet import open_sheet
from backend.usecases.top_ups.start_top_up import start_top_up


@described(TopUpsTold)
async def show_top_ups(request: Request, holder_id: int = 0) -> HTTPResponse:
    """Whether and with what one can top up, and the last ones one may see."""
    parts = parts_of(request)
    payer = await _payer(request, holder_id)
    view = await list_top_ups(payer, rules=parts.rules.bundle, at=int(parts.clock()))
    return answer(top_ups_told(view, parts))


@described(TopUpTold, body=TopUpShape, status=201)
async def start(request: Request, holder_id: int = 0) -> HTTPResponse:
    """Order a top-up and get what WeChat Pay opens it with; a repeat gets the same order.

    409 no_wechat for a phone that was bound without WeChat, key_used for a key of another order.
    """
    parts = parts_of(request)
    shape = read_json(request, TopUpShape)
    payer = await _payer(request, holder_id)
    await parts.limits.take(Bucket.TOP_UP, payer.label)
    await require_on(Feature.TOP_UPS)
    asked = TopUpAsked(shape.request_key, shape.amount_fen)
    return answer(top_up_told(await start_top_up(asked, payer, desk_of(parts))), 201)


@described(TopUpTold, status=201)
async def reopen(request: Request, number: str, holder_id: int = 0) -> HTTPResponse:
    """Open an order of one's own again; 409 order_paid or order_closed when it is over."""
    parts = parts_of(request)
    payer = await _payer(request, holder_id)
    await parts.limits.take(Bucket.TOP_UP, payer.label)
    return answer(top_up_told(await open_sheet(number, payer, desk_of(parts))), 201)


@described(TopUpTold)
async def check(request: Request, number: str, holder_id: int = 0) -> HTTPResponse:
    """Ask WeChat Pay where an order stands: what a phone does when it was told "ok"."""
    parts = parts_of(request)
    payer = await _payer(request, holder_id)
    await parts.limits.take(Bucket.TOP_UP_CHECK, payer.label)
    return answer(top_up_told(await check_top_up(number, payer, desk_of(parts))))


@described(TopUpInvitationsTold)
async def show_invitations(request: Request, holder_id: int = 0) -> HTTPResponse:
    """The invitations to relatives."""
    at = int(parts_of(request).clock())
    return invitations_answer(await list_invitations(await _payer(request, holder_id), at=at))


@described(InvitationMadeTold, body=InviteShape, status=201)
async def invite(request: Request, holder_id: int = 0) -> HTTPResponse:
    """Make an address with which a relative may pay once, without an account."""
    parts = parts_of(request)
    await require_on(Feature.INVITATIONS)
    shape = read_json(request, InviteShape)
    payer = await _payer(request, holder_id)
    await parts.limits.take(Bucket.TOP_UP, payer.label)
    made = await invite_relative(shape.amount_fen_max, shape.days, payer, desk_of(parts))
    return made_answer(made)


@described(NothingTold)
async def end(request: Request, invitation_id: int, holder_id: int = 0) -> HTTPResponse:
    """End an invitation; again changes nothing."""
    at = int(parts_of(request).clock())
    await end_invitation(invitation_id, await _payer(request, holder_id), at=at)
    return answer({})


async def _payer(request: Request, holder_id: int) -> Payer:
    at = int(parts_of(request).clock())
    return await find_payer(actor_of(request), holder_id=holder_id, at=at)


TOP_UPS: SharedRoutes = (
    ("GET", "/top-ups", show_top_ups),
    ("POST", "/top-ups", start),
    ("POST", "/top-ups/<number:str>/sheets", reopen),
    ("POST", "/top-ups/<number:str>/checks", check),
    ("GET", "/top-up-invitations", show_invitations),
    ("POST", "/top-up-invitations", invite),
    ("POST", "/top-up-invitations/<invitation_id:int>/ends", end),
)
