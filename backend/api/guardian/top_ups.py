"""A guardian tops up a child's purse from afar, and invites a relative to."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_guardian
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
from backend.tables.top_up_orders import Payer, TopUpAsked
from backend.usecases.top_ups.check_top_up import check_top_up
from backend.usecases.top_ups.end_invitation import end_invitation
from backend.usecases.top_ups.find_payer import find_payer
from backend.usecases.top_ups.invite_relative import invite_relative
from backend.usecases.top_ups.list_invitations import list_invitations
from backend.usecases.top_ups.list_top_ups import list_top_ups
from backend.usecases.top_ups.open_sheet import open_sheet
from backend.usecases.top_ups.start_top_up import start_top_up

routes = Blueprint("guardian_top_ups")


@routes.get("/children/<holder_id:int>/top-ups")
@for_guardian
@described(TopUpsTold)
async def show_top_ups(request: Request, holder_id: int) -> HTTPResponse:
    """Whether and with what one can top up, and the last ones that are shared."""
    parts = parts_of(request)
    payer = await _payer(request, holder_id)
    view = await list_top_ups(payer, rules=parts.rules.bundle, at=int(parts.clock()))
    return answer(top_ups_told(view, parts))


@routes.post("/children/<holder_id:int>/top-ups")
@for_guardian
@described(TopUpTold, body=TopUpShape, status=201)
async def start(request: Request, holder_id: int) -> HTTPResponse:
    """Order a top-up and get what WeChat Pay opens it with; a repeat gets the same order.

    409 no_wechat for a phone that was bound without WeChat, key_used for a key of another order.
    """
    parts = parts_of(request)
    shape = read_json(request, TopUpShape)
    payer = await _payer(request, holder_id)
    await parts.limits.take(Bucket.TOP_UP, payer.label)
    asked = TopUpAsked(shape.request_key, shape.amount_fen)
    return answer(top_up_told(await start_top_up(asked, payer, desk_of(parts))), 201)


@routes.post("/children/<holder_id:int>/top-ups/<number:str>/sheets")
@for_guardian
@described(TopUpTold, status=201)
async def reopen(request: Request, holder_id: int, number: str) -> HTTPResponse:
    """Open an order of one's own again; 409 order_paid or order_closed when it is over."""
    parts = parts_of(request)
    payer = await _payer(request, holder_id)
    await parts.limits.take(Bucket.TOP_UP, payer.label)
    return answer(top_up_told(await open_sheet(number, payer, desk_of(parts))), 201)


@routes.post("/children/<holder_id:int>/top-ups/<number:str>/checks")
@for_guardian
@described(TopUpTold)
async def check(request: Request, holder_id: int, number: str) -> HTTPResponse:
    """Ask WeChat Pay where an order stands: what a phone does when it was told "ok"."""
    parts = parts_of(request)
    payer = await _payer(request, holder_id)
    await parts.limits.take(Bucket.TOP_UP_CHECK, payer.label)
    return answer(top_up_told(await check_top_up(number, payer, desk_of(parts))))


@routes.get("/children/<holder_id:int>/top-up-invitations")
@for_guardian
@described(TopUpInvitationsTold)
async def show_invitations(request: Request, holder_id: int) -> HTTPResponse:
    """The invitations to relatives."""
    at = int(parts_of(request).clock())
    return invitations_answer(await list_invitations(await _payer(request, holder_id), at=at))


@routes.post("/children/<holder_id:int>/top-up-invitations")
@for_guardian
@described(InvitationMadeTold, body=InviteShape, status=201)
async def invite(request: Request, holder_id: int) -> HTTPResponse:
    """Make an address with which a relative may pay once, without an account."""
    parts = parts_of(request)
    shape = read_json(request, InviteShape)
    payer = await _payer(request, holder_id)
    await parts.limits.take(Bucket.TOP_UP, payer.label)
    made = await invite_relative(shape.amount_fen_max, shape.days, payer, desk_of(parts))
    return made_answer(made)


@routes.post("/children/<holder_id:int>/top-up-invitations/<invitation_id:int>/ends")
@for_guardian
@described(NothingTold)
async def end(request: Request, holder_id: int, invitation_id: int) -> HTTPResponse:
    """End an invitation; again changes nothing."""
    at = int(parts_of(request).clock())
    await end_invitation(invitation_id, await _payer(request, holder_id), at=at)
    return answer({})


async def _payer(request: Request, holder_id: int) -> Payer:
    at = int(parts_of(request).clock())
    return await find_payer(actor_of(request), holder_id=holder_id, at=at)
