"""The books: every account's balance, what waits in suspense, and the proof that all adds up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, Fen
from backend.domain.accounts import SchoolAccount
from backend.tables.payment import DisputeRow, QuarantineRow, SuspenseRow
from backend.tables.rollup import balance_of
from backend.usecases.ledger.verify_ledger import verify_ledger

routes = Blueprint("admin_books")

ITEMS_MAX = 500
ID_MAX = (1 << 53) - 1


class ItemsQuery(Shape):
    """The items after this id; 0: from the oldest. `account`: those of one account."""

    after: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    account: Literal["", "offline_suspense", "risk", "top_up_suspense", "courtesy"] = ""


class BooksTold(TypedDict):
    """Each of the school's own accounts and its balance."""

    accounts: dict[str, Fen]


class SuspenseTold(TypedDict):
    """What waits in an itemised account."""

    payment_id: int
    account: str
    amount_fen: Fen
    reason: str
    opened_at: At


class DisputedTold(TypedDict):
    """A payment in dispute, and the one that came before it with the same credential."""

    payment_id: int
    first_payment_id: int
    reason: str
    opened_at: At


class QuarantinedTold(TypedDict):
    """What a terminal sent and could not be posted."""

    terminal_id: int
    sequence: int
    reason: str
    received_at: At


class BookItemsTold(TypedDict):
    """What a person has to look at, oldest first."""

    suspense: list[SuspenseTold]
    disputes: list[DisputedTold]
    quarantined: list[QuarantinedTold]


class VerificationTold(TypedDict):
    """What a verification found; `findings` is empty when all agrees, `unnamed` counts the rest.

    `residual_fen` is the sum of everything: always 0.
    """

    residual_fen: Fen
    payments: int
    postings: int
    links: int
    findings: list[str]
    unnamed: int


@routes.get("/books")
@for_staff("books.read")
@described(BooksTold)
async def read_books(_request: Request) -> HTTPResponse:
    """Balances of the school's own accounts in fen, roll-up and tail."""
    body: BooksTold = {
        "accounts": {one.name.lower(): await balance_of(int(one)) for one in SchoolAccount}
    }
    return answer(body)


@routes.get("/books/items")
@for_staff("books.read")
@described(BookItemsTold, query=ItemsQuery)
async def read_items(request: Request) -> HTTPResponse:
    """`?after=id`: what is in suspense, disputed or quarantined, oldest first.

    Meals on the school wait for nobody: they are listed when `?account=courtesy` asks for them.
    """
    query = read_query(request, ItemsQuery)
    after = query.after
    items = SuspenseRow.filter(settled_by_id=0, id__gt=after)
    if query.account:
        items = items.filter(account_id=int(SchoolAccount[query.account.upper()]))
    else:
        items = items.exclude(account_id=int(SchoolAccount.COURTESY))
    suspense = await items.order_by("id").limit(ITEMS_MAX)
    disputes = await DisputeRow.filter(decision="", id__gt=after).order_by("id").limit(ITEMS_MAX)
    quarantined = await QuarantineRow.filter(resolved_at=0).order_by("id").limit(ITEMS_MAX)
    body: BookItemsTold = {
        "suspense": [
            {
                "payment_id": one.id,
                "account": SchoolAccount(one.account_id).name.lower(),
                "amount_fen": one.amount_fen,
                "reason": one.reason,
                "opened_at": one.opened_at,
            }
            for one in suspense
        ],
        "disputes": [
            {
                "payment_id": one.id,
                "first_payment_id": one.first_payment_id,
                "reason": one.reason,
                "opened_at": one.opened_at,
            }
            for one in disputes
        ],
        "quarantined": [
            {
                "terminal_id": one.terminal_id,
                "sequence": one.sequence,
                "reason": one.reason,
                "received_at": one.received_at,
            }
            for one in quarantined
        ],
    }
    return answer(body)


@routes.post("/books/verifications")
@for_staff("books.read")
@described(VerificationTold)
async def verify(request: Request) -> HTTPResponse:
    """Re-add everything from raw rows and follow the hash chain; slow on a large ledger."""
    report = await verify_ledger(parts_of(request).ledger)
    body: VerificationTold = {
        "residual_fen": report.residual_fen,
        "payments": report.payments,
        "postings": report.postings,
        "links": report.links,
        "findings": report.findings,
        "unnamed": report.unnamed,
    }
    return answer(body)
