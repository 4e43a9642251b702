"""Sending merchants what is settled: one person asks, another approves with the bank's voucher."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal, cast

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Day, Fen
from backend.domain.remittance import REASON_LENGTH_MAX, VOUCHER_LENGTH_MAX, unknown_remittance
from backend.tables.merchant import MerchantRow
from backend.tables.remittance import RemittanceRow
from backend.tables.remittances import all_owed
from backend.tables.staff_members import names_of
from backend.usecases.remittances.ask_remittance import RemittanceAsked, ask_remittance
from backend.usecases.remittances.decide_remittance import approve_remittance, reject_remittance

routes = Blueprint("admin_remittances")

DAY_MAX = 99_991_231
ID_MAX = 2**31 - 1
StateWord = Literal["waiting", "approved", "rejected"]


class RemittanceShape(Shape):
    """`request_key` is made by the asking client and stored before it is sent.

    Everything settled through `through_on` that was not sent yet goes into it.
    """

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    merchant_id: Annotated[int, Field(ge=1, le=ID_MAX)]
    through_on: Annotated[int, Field(ge=1, le=DAY_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH_MAX)]


class VoucherShape(Shape):
    """The bank's own number of the transfer."""

    voucher: Annotated[str, Field(min_length=1, max_length=VOUCHER_LENGTH_MAX)]


class RemittancesQuery(PageShape):
    """Which remittances, newest first; "" and 0: all."""

    state: Literal["", "waiting", "approved", "rejected"] = ""
    merchant_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


class RemittanceTold(TypedDict):
    """A remittance, who asked for it and who decided."""

    remittance_id: int
    merchant_id: int
    merchant: str
    through_on: Day
    settlements: int
    amount_fen: Fen
    reason: str
    state: StateWord
    made_by: str
    made_at: At
    decided_by: str
    decided_at: At
    voucher: str
    entry_id: int


class RemittancesTold(TypedDict):
    """A page of remittances; `people` has the names behind `staff:3`."""

    remittances: list[RemittanceTold]
    people: dict[str, str]
    next: str | None


class OwedTold(TypedDict):
    """What a merchant is to be sent, and for which days."""

    merchant_id: int
    merchant: str
    settlements: int
    owed_fen: Fen
    first_on: Day
    last_on: Day


class AllOwedTold(TypedDict):
    """Every merchant that is to be sent something."""

    owed: list[OwedTold]


@routes.get("/remittances")
@for_staff("settlements.read")
@described(RemittancesTold, query=RemittancesQuery)
async def list_remittances(request: Request) -> HTTPResponse:
    """What was asked for, approved and rejected."""
    return answer(await remittances_page(request, read_query(request, RemittancesQuery)))


async def remittances_page(_request: Request, query: RemittancesQuery) -> RemittancesTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = RemittanceRow.all()
    if query.state:
        rows = rows.filter(decision="" if query.state == "waiting" else query.state)
    if query.merchant_id:
        rows = rows.filter(merchant_id=query.merchant_id)
    if after:
        rows = rows.filter(id__lt=after[0])
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    labels = [label for row in shown for label in (row.made_by, row.decided_by)]
    body: RemittancesTold = {
        "remittances": await _told(shown),
        "people": await names_of(labels),
        "next": following,
    }
    return body


@routes.get("/remittances/owed")
@for_staff("settlements.read")
@described(AllOwedTold)
async def read_owed(_request: Request) -> HTTPResponse:
    """What is settled and nobody asked to send yet, by merchant."""
    owed = await all_owed(None)
    names = await _names([one.merchant_id for one in owed])
    body: AllOwedTold = {
        "owed": [
            cast("OwedTold", {**asdict(one), "merchant": names.get(one.merchant_id, "")})
            for one in owed
        ]
    }
    return answer(body)


@routes.post("/remittances")
@for_staff("remittances.ask")
@described(RemittanceTold, body=RemittanceShape, status=201)
async def ask(request: Request) -> HTTPResponse:
    """201: it waits for another person's approval; its settlements are in no other."""
    shape = read_json(request, RemittanceShape)
    asked = RemittanceAsked(shape.request_key, shape.merchant_id, shape.through_on, shape.reason)
    row = await ask_remittance(asked, actor_of(request), int(parts_of(request).clock()))
    return answer((await _told([row]))[0], 201)


@routes.post("/remittances/<remittance_id:int>/approvals")
@for_staff("remittances.approve")
@described(RemittanceTold, body=VoucherShape, status=201)
async def approve(request: Request, remittance_id: int) -> HTTPResponse:
    """201: it was sent, and is booked; a repeat changes nothing."""
    parts, shape = parts_of(request), read_json(request, VoucherShape)
    await approve_remittance(
        parts.ledger, parts.clock, remittance_id, shape.voucher, actor_of(request)
    )
    return await _answer(remittance_id)


@routes.post("/remittances/<remittance_id:int>/rejections")
@for_staff("remittances.approve")
@described(RemittanceTold, status=201)
async def reject(request: Request, remittance_id: int) -> HTTPResponse:
    """201: it will not be sent; its settlements may be asked for anew."""
    at = int(parts_of(request).clock())
    await reject_remittance(remittance_id, actor_of(request), at)
    return await _answer(remittance_id)


async def _answer(remittance_id: int) -> HTTPResponse:
    row = await RemittanceRow.get_or_none(id=remittance_id)
    if row is None:
        raise unknown_remittance()
    return answer((await _told([row]))[0], 201)


async def _names(merchant_ids: list[int]) -> dict[int, str]:
    return {row.id: row.name for row in await MerchantRow.filter(id__in=set(merchant_ids))}


async def _told(rows: list[RemittanceRow]) -> list[RemittanceTold]:
    names = await _names([row.merchant_id for row in rows])
    return [
        {
            "remittance_id": row.id,
            "merchant_id": row.merchant_id,
            "merchant": names.get(row.merchant_id, ""),
            "through_on": row.through_on,
            "settlements": row.settlements,
            "amount_fen": row.amount_fen,
            "reason": row.reason,
            "state": cast("StateWord", row.decision or "waiting"),
            "made_by": row.made_by,
            "made_at": row.made_at,
            "decided_by": row.decided_by,
            "decided_at": row.decided_at,
            "voucher": row.voucher,
            "entry_id": row.entry_id,
        }
        for row in rows
    ]
