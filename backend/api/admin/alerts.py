"""What the worker thinks a person should look at, and the cases people make of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Day
from backend.domain.risk import REASON_LENGTH_MAX, AlertKind
from backend.domain.roster import NUMBER_LENGTH_MAX
from backend.tables.cardholder import CardholderRow
from backend.tables.places import within
from backend.tables.risk import AlertRow
from backend.usecases.cases.close_alert import close_alert

ID_MAX = 2**53 - 1
NOBODY = -1
"""Whom no alert is about: 0 is said where nobody is known."""

routes = Blueprint("admin_alerts")


class AlertsQuery(PageShape):
    """Alerts in a state (all: ""), of a kind, of a case, about the holder of this number."""

    state: Literal["", "open", "closed"] = "open"
    kind: Annotated[str, Field(max_length=16)] = ""
    case_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    number: Annotated[str, Field(max_length=NUMBER_LENGTH_MAX)] = ""


class CloseAlertShape(Shape):
    """Why it needs no case."""

    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH_MAX)]


class AlertTold(TypedDict):
    """Something found. Ids that are not known are 0; no name, ids say whose it is."""

    alert_id: int
    kind: AlertKind
    merchant_id: int
    terminal_id: int
    card_id: int
    cardholder_id: int
    payment_id: int
    business_on: Day
    evidence: dict[str, Any]
    found_at: At
    case_id: int
    closed_at: At | None
    closed_by: str
    closing_reason: str


class AlertsTold(TypedDict):
    """A page, newest first."""

    alerts: list[AlertTold]
    next: str | None


@routes.get("/alerts")
@for_staff("cases.read", scoped=True)
@described(AlertsTold, query=AlertsQuery)
async def list_alerts(request: Request) -> HTTPResponse:
    """What waits to be looked at within reach, newest first."""
    return answer(await alerts_page(request, read_query(request, AlertsQuery)))


async def alerts_page(request: Request, query: AlertsQuery) -> AlertsTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = AlertRow.filter(**within(actor_of(request)))
    if query.state:
        is_open = query.state == "open"
        rows = rows.filter(closed_at=0) if is_open else rows.filter(closed_at__gt=0)
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.case_id:
        rows = rows.filter(case_id=query.case_id)
    if query.number:
        holder = await CardholderRow.filter(number=query.number).only("id").first()
        rows = rows.filter(holder_id=holder.id if holder else NOBODY)
    if after:
        rows = rows.filter(id__lt=after[0])
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    body: AlertsTold = {"alerts": [alert_told(row) for row in shown], "next": following}
    return body


@routes.post("/alerts/<alert_id:int>/closings")
@for_staff("cases.work", scoped=True)
@described(NothingTold, body=CloseAlertShape, status=201)
async def close(request: Request, alert_id: int) -> HTTPResponse:
    """201: it needs no case."""
    reason = read_json(request, CloseAlertShape).reason
    at = int(parts_of(request).clock())
    await close_alert(alert_id, reason, actor=actor_of(request), at=at)
    return answer({}, 201)


def alert_told(row: AlertRow) -> AlertTold:
    """An alert, as lists and cases show it."""
    return {
        "alert_id": row.id,
        "kind": AlertKind(row.kind),
        "merchant_id": row.merchant_id,
        "terminal_id": row.terminal_id,
        "card_id": row.card_id,
        "cardholder_id": row.holder_id,
        "payment_id": row.payment_id,
        "business_on": row.business_on,
        "evidence": row.evidence,
        "found_at": row.found_at,
        "case_id": row.case_id,
        "closed_at": row.closed_at or None,
        "closed_by": row.closed_by,
        "closing_reason": row.closing_reason,
    }
