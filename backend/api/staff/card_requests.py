"""Guests' cards and second ones: asked for within an office's quota, approved by another person."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Day
from backend.domain.card_request import (
    OFFICE_LENGTH_MAX,
    QUOTA_MAX,
    CardAsked,
    Decision,
    RequestKind,
)
from backend.domain.place import ID_MAX as PLACE_ID_MAX
from backend.domain.roster import NAME_LENGTH_MAX
from backend.tables.card_request import CardRequestRow
from backend.usecases.card_requests.ask_card import ask_card
from backend.usecases.card_requests.decide_card import decide_card
from backend.usecases.card_requests.list_quotas import list_quotas
from backend.usecases.card_requests.list_requests import list_requests
from backend.usecases.card_requests.set_quota import set_quota
from backend.usecases.staff.name_staff import name_staff

AT_MAX = 1 << 40
ID_MAX = 2**63 - 1
CLASS_ID_MAX = 255

routes = Blueprint("staff_card_requests")

Office = Annotated[str, Field(min_length=1, max_length=OFFICE_LENGTH_MAX, pattern=r"^\S(.*\S)?$")]
Reason = Annotated[str, Field(min_length=1, max_length=200)]


class CardRequestShape(Shape):
    """A guest: `name`, `class_id` and `until_at`. A second card: `cardholder_id` and nothing else.

    A guest is at home at `campus_id`; 0: in the school as a whole, or at the asker's only campus.
    The asking client makes `request_key` and stores it before it sends.
    """

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    kind: Literal["guest", "secondary"]
    office: Office
    reason: Reason
    cardholder_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    name: Annotated[str, Field(max_length=NAME_LENGTH_MAX)] = ""
    class_id: Annotated[int, Field(ge=0, le=CLASS_ID_MAX)] = 0
    until_at: Annotated[int, Field(ge=0, le=AT_MAX)] = 0
    campus_id: Annotated[int, Field(ge=0, le=PLACE_ID_MAX)] = 0


class CardRequestsQuery(PageShape):
    """A page, newest first; of one state, or all."""

    state: Literal["", "waiting", "approved", "rejected"] = ""


class QuotaShape(Shape):
    """How many cards an office may ask for in a business day, and why."""

    office: Office
    cards_a_day: Annotated[int, Field(ge=0, le=QUOTA_MAX)]
    reason: Reason


class CardRequestTold(TypedDict):
    """A request. A guest's `cardholder_id` is 0 until it is approved; `until_at` 0: no end."""

    request_id: int
    kind: Literal["guest", "secondary"]
    office: str
    asked_on: Day
    cardholder_id: int
    name: str
    class_id: int
    until_at: At
    reason: str
    asked_by: str
    asked_at: At
    state: Literal["waiting", "approved", "rejected"]
    decided_by: str
    decided_at: At
    card_id: int
    campus_id: int
    is_own: bool


class CardRequestsTold(TypedDict):
    """A page of requests, and the names behind their labels."""

    requests: list[CardRequestTold]
    names: dict[str, str]
    next: str | None


class QuotaTold(TypedDict):
    """An office's cards a day, and how many it asked for today."""

    office: str
    cards_a_day: int
    used: int
    set_by: str
    set_at: At


class QuotasTold(TypedDict):
    """Every office that has a quota."""

    quotas: list[QuotaTold]


@routes.post("/card-requests")
@for_staff("cards.issue", scoped=True)
@described(CardRequestTold, body=CardRequestShape, status=201)
async def ask(request: Request) -> HTTPResponse:
    """201: it waits for another person's approval."""
    parts = parts_of(request)
    shape = read_json(request, CardRequestShape)
    asked = CardAsked(
        request_key=shape.request_key,
        kind=RequestKind(shape.kind),
        office=shape.office,
        reason=shape.reason,
        holder_id=shape.cardholder_id,
        name=shape.name,
        class_id=shape.class_id,
        until_at=shape.until_at,
        campus_id=shape.campus_id,
    )
    actor = actor_of(request)
    row = await ask_card(asked, rules=parts.rules.bundle, actor=actor, at=int(parts.clock()))
    return answer(request_told(row, actor.label), 201)


@routes.get("/card-requests")
@for_staff("cards.read", scoped=True)
@described(CardRequestsTold, query=CardRequestsQuery)
async def read_all(request: Request) -> HTTPResponse:
    """Requests for guests' and second cards, newest first."""
    return answer(await requests_page(request, read_query(request, CardRequestsQuery)))


async def requests_page(request: Request, query: CardRequestsQuery) -> CardRequestsTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    actor = actor_of(request)
    before_id = int(after[0]) if after else 0
    rows = await list_requests(before_id, query.limit + 1, query.state, actor=actor)
    shown, following = turn(rows, query.limit, lambda row: (row.id,))
    label = actor.label
    body: CardRequestsTold = {
        "requests": [request_told(row, label) for row in shown],
        "names": await name_staff(one for row in shown for one in (row.asked_by, row.decided_by)),
        "next": following,
    }
    return body


@routes.post("/card-requests/<request_id:int>/approvals")
@for_staff("cards.approve", scoped=True)
@described(CardRequestTold, status=201)
async def approve(request: Request, request_id: int) -> HTTPResponse:
    """201: the card is open; a guest is a cardholder until the end that was asked for."""
    return await _decide(request, request_id, Decision.APPROVED)


@routes.post("/card-requests/<request_id:int>/rejections")
@for_staff("cards.approve", scoped=True)
@described(CardRequestTold, status=201)
async def reject(request: Request, request_id: int) -> HTTPResponse:
    """201: no card is opened, and the quota is free again."""
    return await _decide(request, request_id, Decision.REJECTED)


@routes.get("/card-quotas")
@for_staff("cards.read", scoped=True)
@described(QuotasTold)
async def read_quotas(request: Request) -> HTTPResponse:
    """The offices that may ask for cards, and what of today's quota is used."""
    parts = parts_of(request)
    quotas: list[QuotaTold] = [
        {
            "office": one.office,
            "cards_a_day": one.cards_a_day,
            "used": one.used,
            "set_by": one.set_by,
            "set_at": one.set_at,
        }
        for one in await list_quotas(parts.rules.bundle, int(parts.clock()))
    ]
    body: QuotasTold = {"quotas": quotas}
    return answer(body)


@routes.put("/card-quotas")
@for_staff("quotas.set")
@described(NothingTold, body=QuotaShape)
async def put_quota(request: Request) -> HTTPResponse:
    """Set an office's cards a day; 0 lets it ask for none."""
    shape = read_json(request, QuotaShape)
    await set_quota(
        shape.office,
        shape.cards_a_day,
        shape.reason,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    return answer({})


async def _decide(request: Request, request_id: int, decision: Decision) -> HTTPResponse:
    parts = parts_of(request)
    actor = actor_of(request)
    row = await decide_card(
        request_id,
        decision,
        rules=parts.rules.bundle,
        actor=actor,
        at=int(parts.clock()),
        randomness=parts.randomness,
        bus=parts.bus,
    )
    return answer(request_told(row, actor.label), 201)


def request_told(row: CardRequestRow, label: str) -> CardRequestTold:
    """A request as its list and its person's page show it, to whoever has this label."""
    state: Literal["waiting", "approved", "rejected"] = "waiting"
    if row.decision:
        state = "approved" if row.decision == Decision.APPROVED else "rejected"
    return {
        "request_id": row.id,
        "kind": "guest" if row.kind == RequestKind.GUEST else "secondary",
        "office": row.office,
        "asked_on": row.asked_on,
        "cardholder_id": row.holder_id,
        "name": row.name,
        "class_id": row.class_id,
        "until_at": row.until_at,
        "reason": row.reason,
        "asked_by": row.asked_by,
        "asked_at": row.asked_at,
        "state": state,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
        "card_id": row.card_id,
        "campus_id": row.campus_id,
        "is_own": row.asked_by == label,
    }
