"""What waits in suspense and what was set aside, with how long it has waited."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, Fen
from backend.domain.accounts import SchoolAccount
from backend.domain.ageing import DAY_SECONDS, Age
from backend.tables.payment import QuarantineRow
from backend.tables.suspense_items import SuspenseFilter, read_ages, read_items
from backend.tables.terminal import TerminalRow

routes = Blueprint("admin_suspense")

DAY_MAX = 99_991_231
AgeWord = Literal["0-1", "2-7", "8-30", "31-"]


class SuspenseItems(Shape):
    """Which items, oldest first; "" and 0: all. `age` in whole days, days opened in Beijing's."""

    account: Literal["", "offline_suspense", "top_up_suspense", "risk", "courtesy"] = ""
    age: Literal["", "0-1", "2-7", "8-30", "31-"] = ""
    reason: Annotated[str, Field(max_length=32)] = ""
    state: Literal["open", "settled", "all"] = "open"
    first_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0
    last_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0


class SuspenseQuery(SuspenseItems, PageShape):
    """A page of items."""


class SuspenseItemTold(TypedDict):
    """One item. `item_id` is its journal entry's, and the payment's where one opened it."""

    item_id: int
    account: str
    holder_id: int
    amount_fen: Fen
    reason: str
    opened_at: At
    days: int
    settled_by_id: int


class SuspenseItemsTold(TypedDict):
    """A page of items."""

    items: list[SuspenseItemTold]
    next: str | None


class AgeTold(TypedDict):
    """What has waited so many days in one account."""

    account: str
    age: AgeWord
    items: int
    amount_fen: Fen


class AgesTold(TypedDict):
    """Everything open, by account and age."""

    ages: list[AgeTold]


class SetAsideTold(TypedDict):
    """What a terminal sent and could not be posted."""

    quarantine_id: int
    terminal_id: int
    terminal: str
    sequence: int
    reason: str
    received_at: At
    resolved_at: At


class SetAsidesTold(TypedDict):
    """A page of what was set aside, newest first."""

    quarantined: list[SetAsideTold]
    next: str | None


@routes.get("/suspense")
@for_staff("books.read")
@described(SuspenseItemsTold, query=SuspenseQuery)
async def list_suspense(request: Request) -> HTTPResponse:
    """Items in suspense and risk."""
    query = read_query(request, SuspenseQuery)
    at = int(parts_of(request).clock())
    after = read_cursor(query.after, int, int)
    found = await read_items(
        suspense_filter(query),
        at,
        (int(after[0]), int(after[1])) if after else None,
        query.limit + 1,
    )
    shown, following = turn(found, query.limit, lambda row: (row.opened_at, row.id))
    body: SuspenseItemsTold = {
        "items": [
            {
                "item_id": row.id,
                "account": SchoolAccount(row.account_id).name.lower(),
                "holder_id": row.holder_id,
                "amount_fen": row.amount_fen,
                "reason": row.reason,
                "opened_at": row.opened_at,
                "days": max(at - row.opened_at, 0) // DAY_SECONDS,
                "settled_by_id": row.settled_by_id,
            }
            for row in shown
        ],
        "next": following,
    }
    return answer(body)


def suspense_filter(query: SuspenseItems) -> SuspenseFilter:
    """What the list and its file read."""
    return SuspenseFilter(
        account_id=int(SchoolAccount[query.account.upper()]) if query.account else 0,
        age=Age(query.age) if query.age else None,
        reason=query.reason,
        is_open=None if query.state == "all" else query.state == "open",
        first_on=query.first_on,
        last_on=query.last_on,
    )


@routes.get("/suspense/ages")
@for_staff("books.read")
@described(AgesTold)
async def read_suspense_ages(request: Request) -> HTTPResponse:
    """How much has waited for how long: 0–1, 2–7, 8–30 and more than 30 days."""
    found = await read_ages(int(parts_of(request).clock()))
    body: AgesTold = {
        "ages": [
            {
                "account": SchoolAccount(one.account_id).name.lower(),
                "age": one.age.value,
                "items": one.items,
                "amount_fen": one.amount_fen,
            }
            for one in found
        ]
    }
    return answer(body)


@routes.get("/quarantine")
@for_staff("books.read")
@described(SetAsidesTold, query=PageShape)
async def list_quarantine(request: Request) -> HTTPResponse:
    """What terminals sent and could not be posted; kept whole until a person has looked."""
    return answer(await quarantine_page(request, read_query(request, PageShape)))


async def quarantine_page(_request: Request, query: PageShape) -> SetAsidesTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = QuarantineRow.filter(id__lt=after[0]) if after else QuarantineRow.all()
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    tills = await TerminalRow.filter(id__in={row.terminal_id for row in shown})
    names = {row.id: row.name for row in tills}
    body: SetAsidesTold = {
        "quarantined": [
            {
                "quarantine_id": row.id,
                "terminal_id": row.terminal_id,
                "terminal": names.get(row.terminal_id, ""),
                "sequence": row.sequence,
                "reason": row.reason,
                "received_at": row.received_at,
                "resolved_at": row.resolved_at,
            }
            for row in shown
        ],
        "next": following,
    }
    return body
