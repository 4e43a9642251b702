"""The books: every account's balance, what waits in suspense, and the proof that all adds up."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import for_staff
from backend.api.parts import parts_of
from backend.api.reading import answer, read_number
from backend.domain.accounts import SchoolAccount
from backend.tables.payment import DisputeRow, QuarantineRow, SuspenseRow
from backend.tables.rollup import balance_of
from backend.usecases.ledger.verify_ledger import verify_ledger

routes = Blueprint("admin_books")

ITEMS_MAX = 500
ID_MAX = (1 << 53) - 1


@routes.get("/books")
@for_staff("books.read")
async def read_books(_request: Request) -> HTTPResponse:
    """Balances of the school's own accounts in fen, roll-up and tail."""
    return answer(
        {"accounts": {one.name.lower(): await balance_of(int(one)) for one in SchoolAccount}}
    )


@routes.get("/books/items")
@for_staff("books.read")
async def read_items(request: Request) -> HTTPResponse:
    """`?after=id`: what is in suspense, disputed or quarantined, oldest first."""
    after = read_number(request, "after", 0, 0, ID_MAX)
    suspense = (
        await SuspenseRow.filter(settled_by_id=0, id__gt=after).order_by("id").limit(ITEMS_MAX)
    )
    disputes = await DisputeRow.filter(decision="", id__gt=after).order_by("id").limit(ITEMS_MAX)
    quarantined = await QuarantineRow.filter(resolved_at=0).order_by("id").limit(ITEMS_MAX)
    return answer(
        {
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
    )


@routes.post("/books/verifications")
@for_staff("books.read")
async def verify(request: Request) -> HTTPResponse:
    """Re-add everything from raw rows and follow the hash chain; slow on a large ledger."""
    report = await verify_ledger(parts_of(request).ledger)
    return answer(
        {
            "residual_fen": report.residual_fen,
            "payments": report.payments,
            "postings": report.postings,
            "links": report.links,
            "findings": report.findings,
            "unnamed": report.unnamed,
        }
    )
