"""The lists behind reports, and where a single figure comes from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, Day, Fen
from backend.domain.access import Actor
from backend.domain.errors import NotFoundError
from backend.domain.explanation import Figure, Node
from backend.domain.report import INACTIVE_DAYS, INACTIVE_DAYS_MAX, Span, read_span
from backend.tables.explanations import account_word
from backend.tables.inactive_cards import InactiveFilter, read_inactive
from backend.tables.merchant import MerchantRow
from backend.tables.payment import PaymentRow
from backend.tables.payment_lists import (
    PaymentFilter,
    PostingLine,
    read_crossings,
    read_payments,
    read_postings,
)
from backend.tables.payment_reads import LEGS_MAX
from backend.tables.places import merchants_within
from backend.tables.statements import came_back_of
from backend.tables.terminal import TerminalRow
from backend.usecases.reports.explain_figure import explain_figure
from campus_code import business_day

routes = Blueprint("admin_ledger_lists")

DAY_MAX = 99_991_231
ID_MAX = 2**31 - 1
ACCOUNT_MAX = (1 << 53) - 1
SEQUENCE_MAX = 10**15
DEPARTMENT_LENGTH_MAX = 96
NO_PERIOD = "-"


class PaymentsFilter(Shape):
    """Which payments, newest business day first; 0 and "" are all.

    `period_id` "-": outside all meals. `only`: those with which something went otherwise, by when
    that was told. `sequences` "12-40", "12-": those of a terminal's own numbers, as of a shift.
    """

    first_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0
    last_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0
    merchant_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    terminal_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    sequences: Annotated[str, Field(pattern=r"^([0-9]{1,15}-[0-9]{0,15})?$")] = ""
    class_id: Annotated[str, Field(pattern=r"^[0-9]{0,3}$")] = ""
    period_id: Annotated[str, Field(max_length=16)] = ""
    department: Annotated[str, Field(max_length=DEPARTMENT_LENGTH_MAX)] = ""
    only: Literal["", "dispute", "refund", "void", "reversal"] = ""


class PaymentsQuery(PaymentsFilter, PageShape):
    """A page of payments; 0 and "" are all."""


class PostingsFilter(Shape):
    """An account's postings, by the Beijing days on which they were booked, newest first.

    `book_id`: of all purses of a kind, those in one book ("0": the school's own). `between` "1-2":
    instead those between two books.
    """

    account_id: Annotated[int, Field(ge=0, le=ACCOUNT_MAX)] = 0
    book_id: Annotated[str, Field(pattern=r"^[0-9]{0,9}$")] = ""
    between: Annotated[str, Field(pattern=r"^([0-9]{1,9}-[0-9]{1,9})?$")] = ""
    first_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0
    last_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0


class PostingsQuery(PostingsFilter, PageShape):
    """A page of an account's postings."""


class InactiveQuery(PageShape):
    """Cards in force with which nobody paid for so many days; `class_id` "": all."""

    days: Annotated[int, Field(ge=1, le=INACTIVE_DAYS_MAX)] = INACTIVE_DAYS
    class_id: Annotated[str, Field(pattern=r"^[0-9]{0,3}$")] = ""


class ListedPaymentTold(TypedDict):
    """One payment: no names, no student numbers."""

    payment_id: int
    occurred_at: At
    posted_at: At
    business_on: Day
    merchant_id: int
    merchant: str
    terminal_id: int
    terminal: str
    sequence: int
    holder_id: int
    class_id: int
    period_id: str
    nominal_fen: Fen
    discount_fen: Fen
    fee_fen: Fen
    charged_fen: Fen
    borne_fen: Fen
    returned_fen: Fen
    was_offline: bool
    outcome: str
    reason: str


class ListedPaymentsTold(TypedDict):
    """A page of payments."""

    payments: list[ListedPaymentTold]
    next: str | None


class ListedPostingTold(TypedDict):
    """One posting; accounts as words: `risk`, `merchant:3`, `purse:cash`."""

    posting_id: int
    entry_id: int
    booked_on: Annotated[int, Field(description="Beijing day YYYYMMDD · 北京日期")]
    kind: str
    source: str
    target: str
    amount_fen: Fen
    corrects_id: int


class ListedPostingsTold(TypedDict):
    """A page of postings."""

    postings: list[ListedPostingTold]
    next: str | None


class InactiveCardTold(TypedDict):
    """A card nobody uses; `last_at` 0: never."""

    card_id: int
    holder_id: int
    card_number: str
    class_id: int
    last_at: At
    balance_fen: Fen


class InactiveCardsTold(TypedDict):
    """A page of cards."""

    cards: list[InactiveCardTold]
    next: str | None


class NodeTold(TypedDict):
    """One thing behind a figure: what it is, what is known of it, and what is behind it."""

    what: str
    id: int
    facts: dict[str, int | str | bool | None]
    because: list[NodeTold]


@routes.get("/payments")
@for_staff("reports.read", scoped=True)
@described(ListedPaymentsTold, query=PaymentsQuery)
async def list_payments(request: Request) -> HTTPResponse:
    """Payments of business days; nothing of who paid but the holder's number in our tables."""
    query = read_query(request, PaymentsQuery)
    asked = filter_of(query, actor_of(request), today_of(request))
    rows = await read_payments(asked, _pair(query.after), query.limit + 1)
    shown, following = turn(rows, query.limit, lambda row: (row.business_on, row.id))
    body: ListedPaymentsTold = {"payments": await payments_told(shown), "next": following}
    return answer(body)


@routes.get("/postings")
@for_staff("books.read")
@described(ListedPostingsTold, query=PostingsQuery)
async def list_postings(request: Request) -> HTTPResponse:
    """What went into and out of an account."""
    query = read_query(request, PostingsQuery)
    span = read_span(query.first_on, query.last_on, today_of(request))
    rows = await find_postings(query, span, _pair(query.after), query.limit + 1)
    shown, following = turn(rows, query.limit, lambda one: (one.booked_on, one.row.id))
    body: ListedPostingsTold = {
        "postings": [posting_told(one) for one in shown],
        "next": following,
    }
    return answer(body)


@routes.get("/inactive-cards")
@for_staff("reports.read")
@described(InactiveCardsTold, query=InactiveQuery)
async def list_inactive(request: Request) -> HTTPResponse:
    """By card, oldest number first."""
    return answer(await inactive_page(request, read_query(request, InactiveQuery)))


async def inactive_page(request: Request, query: InactiveQuery) -> InactiveCardsTold:
    """A page of the list."""
    at = int(parts_of(request).clock())
    asked = InactiveFilter(query.days, int(query.class_id) if query.class_id else None)
    after = read_cursor(query.after, int)
    rows = await read_inactive(asked, at, int(after[0]) if after else 0, query.limit + 1)
    shown, following = turn(rows, query.limit, lambda row: (row.card_id,))
    body: InactiveCardsTold = {
        "cards": [
            {
                "card_id": one.card_id,
                "holder_id": one.holder_id,
                "card_number": one.card_number,
                "class_id": one.class_id,
                "last_at": one.last_at,
                "balance_fen": one.balance_fen,
            }
            for one in shown
        ],
        "next": following,
    }
    return body


@routes.get("/explanations/<figure:str>/<number:int>")
@for_staff("books.read")
@described(NodeTold)
async def explain(_request: Request, figure: str, number: int) -> HTTPResponse:
    """`payments`, `postings`, `settlements` or `accounts`: what is behind it, as a tree."""
    if figure not in {one.value for one in Figure}:
        raise NotFoundError("unknown_figure", zh="没有这个数字。", en="There is no such figure.")
    return answer(_node(await explain_figure(Figure(figure), number)))


async def find_postings(
    query: PostingsFilter, span: Span, after: tuple[int, int] | None, rows_max: int
) -> list[PostingLine]:
    """What the list and its file read."""
    if query.between:
        one, _, other = query.between.partition("-")
        return await read_crossings((int(one), int(other)), span, after, rows_max)
    book_id = int(query.book_id) if query.book_id else None
    return await read_postings((query.account_id, book_id), span, after, rows_max)


def posting_told(one: PostingLine) -> ListedPostingTold:
    """A posting with its accounts' words."""
    return {
        "posting_id": one.row.id,
        "entry_id": one.row.id - one.row.id % LEGS_MAX,
        "booked_on": one.booked_on,
        "kind": one.row.kind,
        "source": account_word(one.row.source_id),
        "target": account_word(one.row.target_id),
        "amount_fen": one.row.amount_fen,
        "corrects_id": one.row.corrects_id,
    }


async def payments_told(rows: list[PaymentRow]) -> list[ListedPaymentTold]:
    """A page of payments with the names of where they were made."""
    merchants = await MerchantRow.filter(id__in={row.merchant_id for row in rows})
    terminals = await TerminalRow.filter(id__in={row.terminal_id for row in rows})
    names = {row.id: row.name for row in merchants}
    tills = {row.id: row.name for row in terminals}
    back = await came_back_of(rows) if rows else {}
    return [
        {
            "payment_id": row.id,
            "occurred_at": row.occurred_at,
            "posted_at": row.posted_at,
            "business_on": row.business_on,
            "merchant_id": row.merchant_id,
            "merchant": names.get(row.merchant_id, ""),
            "terminal_id": row.terminal_id,
            "terminal": tills.get(row.terminal_id, ""),
            "sequence": row.sequence,
            "holder_id": row.holder_id,
            "class_id": row.class_id,
            "period_id": row.period_id,
            "nominal_fen": row.nominal_fen,
            "discount_fen": row.discount_fen,
            "fee_fen": row.fee_fen,
            "charged_fen": row.charged_fen,
            "borne_fen": row.borne_fen,
            "returned_fen": back[row.id].fen,
            "was_offline": row.was_offline,
            "outcome": row.outcome,
            "reason": row.reason,
        }
        for row in rows
    ]


def filter_of(query: PaymentsFilter, actor: Actor, today_on: int) -> PaymentFilter:
    """What the list and its file read, within the asker's reach."""
    period_id = query.period_id or None
    first, _, last = query.sequences.partition("-")
    return PaymentFilter(
        span=read_span(query.first_on, query.last_on, today_on),
        merchant_ids=merchants_within(actor, query.merchant_id),
        terminal_id=query.terminal_id,
        class_id=int(query.class_id) if query.class_id else None,
        period_id="" if period_id == NO_PERIOD else period_id,
        department=query.department,
        only=query.only,
        sequences=(int(first), int(last or SEQUENCE_MAX)) if query.sequences else None,
    )


def _pair(text: str) -> tuple[int, int] | None:
    after = read_cursor(text, int, int)
    return (int(after[0]), int(after[1])) if after else None


def today_of(request: Request) -> int:
    """The business day that it is."""
    parts = parts_of(request)
    return business_day(int(parts.clock()), parts.rules.bundle)


def _node(one: Node) -> NodeTold:
    return {
        "what": one.what,
        "id": one.id,
        "facts": dict(one.facts),
        "because": [_node(behind) for behind in one.because],
    }
