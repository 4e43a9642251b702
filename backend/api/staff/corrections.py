"""Refunds and voids: one person asks, another approves."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Fen
from backend.domain.correction import CorrectionKind
from backend.tables.corrections import CorrectionFilter, read_corrections
from backend.tables.merchant import MerchantRow
from backend.tables.payment import CorrectionRequestRow, PaymentRow
from backend.tables.staff_members import names_of
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from backend.usecases.payments.reject_correction import reject_correction
from campus_code.limits import AMOUNT_FEN_MAX

routes = Blueprint("staff_corrections")

PAYMENT_ID_MAX = (1 << 53) - 1
StateWord = Literal["waiting", "approved", "rejected"]


class CorrectionShape(Shape):
    """`request_key` is made by the asking client and stored before it is sent."""

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    payment_id: Annotated[int, Field(ge=1, le=PAYMENT_ID_MAX)]
    amount_fen: Annotated[int, Field(ge=1, le=4 * AMOUNT_FEN_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class CorrectionsQuery(PageShape):
    """Which requests, newest first; "" and 0: all of them."""

    state: Literal["all", "waiting", "approved", "rejected"] = "waiting"
    kind: Literal["", "refund", "void"] = ""
    payment_id: Annotated[int, Field(ge=0, le=PAYMENT_ID_MAX)] = 0


class CorrectionTold(TypedDict):
    """A request, and whether it still waits."""

    request_id: int
    state: StateWord


class ListedCorrectionTold(TypedDict):
    """One request, what it is about, who asked and who decided."""

    request_id: int
    state: StateWord
    kind: str
    payment_id: int
    merchant_id: int
    merchant: str
    charged_fen: Fen
    occurred_at: At
    amount_fen: Fen
    reason: str
    made_by: str
    made_at: At
    decided_by: str
    decided_at: At


class CorrectionsTold(TypedDict):
    """A page of requests; `people` has the names behind `staff:3`."""

    corrections: list[ListedCorrectionTold]
    people: dict[str, str]
    next: str | None


@routes.post("/refunds")
@for_staff("payments.refund", scoped=True)
@described(CorrectionTold, body=CorrectionShape, status=201)
async def ask_refund(request: Request) -> HTTPResponse:
    """201: the request waits for another person's approval."""
    return await _ask(request, CorrectionKind.REFUND)


@routes.post("/voids")
@for_staff("payments.void", scoped=True)
@described(CorrectionTold, body=CorrectionShape, status=201)
async def ask_void(request: Request) -> HTTPResponse:
    """201: the same for a payment that should not have been."""
    return await _ask(request, CorrectionKind.VOID)


async def _ask(request: Request, kind: CorrectionKind) -> HTTPResponse:
    shape = read_json(request, CorrectionShape)
    asked = CorrectionAsked(
        shape.request_key, shape.payment_id, kind, shape.amount_fen, shape.reason
    )
    request_id = await ask_correction(asked, actor_of(request), int(parts_of(request).clock()))
    body: CorrectionTold = {"request_id": request_id, "state": "waiting"}
    return answer(body, 201)


@routes.get("/corrections")
@for_staff("payments.refund", scoped=True)
@described(CorrectionsTold, query=CorrectionsQuery)
async def list_corrections(request: Request) -> HTTPResponse:
    """The requests that wait for approval, or were decided."""
    return answer(await corrections_page(request, read_query(request, CorrectionsQuery)))


async def corrections_page(request: Request, query: CorrectionsQuery) -> CorrectionsTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    asked = CorrectionFilter(query.state, query.kind, query.payment_id)
    found = await read_corrections(
        asked, actor_of(request), int(after[0]) if after else 0, query.limit + 1
    )
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    labels = [label for row in shown for label in (row.made_by, row.decided_by)]
    body: CorrectionsTold = {
        "corrections": await _listed(shown),
        "people": await names_of(labels),
        "next": following,
    }
    return body


async def _listed(rows: list[CorrectionRequestRow]) -> list[ListedCorrectionTold]:
    found = await PaymentRow.filter(id__in={row.payment_id for row in rows})
    payments = {row.id: row for row in found}
    merchants = await MerchantRow.filter(id__in={row.merchant_id for row in found})
    names = {row.id: row.name for row in merchants}
    return [
        {
            "request_id": row.id,
            "state": cast("StateWord", row.decision or "waiting"),
            "kind": row.kind,
            "payment_id": row.payment_id,
            "merchant_id": payments[row.payment_id].merchant_id,
            "merchant": names.get(payments[row.payment_id].merchant_id, ""),
            "charged_fen": payments[row.payment_id].charged_fen,
            "occurred_at": payments[row.payment_id].occurred_at,
            "amount_fen": row.amount_fen,
            "reason": row.reason,
            "made_by": row.made_by,
            "made_at": row.made_at,
            "decided_by": row.decided_by,
            "decided_at": row.decided_at,
        }
        for row in rows
    ]


@routes.post("/corrections/<request_id:int>/approvals")
@for_staff("payments.refund", scoped=True)
@described(CorrectionTold, status=201)
async def approve(request: Request, request_id: int) -> HTTPResponse:
    """201: the money is back in the purses it came from; a repeat changes nothing."""
    parts = parts_of(request)
    await approve_correction(parts.ledger, parts.clock, request_id, actor_of(request))
    body: CorrectionTold = {"request_id": request_id, "state": "approved"}
    return answer(body, 201)


@routes.post("/corrections/<request_id:int>/rejections")
@for_staff("payments.refund", scoped=True)
@described(CorrectionTold, status=201)
async def reject(request: Request, request_id: int) -> HTTPResponse:
    """201: nothing moves; whoever asked may take it back like this. A repeat changes nothing."""
    at = int(parts_of(request).clock())
    await reject_correction(request_id, actor_of(request), at)
    body: CorrectionTold = {"request_id": request_id, "state": "rejected"}
    return answer(body, 201)
