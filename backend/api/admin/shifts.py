"""Cashiers' shifts at windows: what the books count of each, beside what was told and counted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.list_files import ListFile, Named, file_of
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.reading import answer, read_query
from backend.api.told import At, Fen
from backend.domain.sheet import Column, Kind
from backend.domain.shift import ShiftSums
from backend.tables.merchant import MerchantRow
from backend.tables.places import merchants_within
from backend.tables.shift import ShiftRow
from backend.tables.shifts import ShiftFilter, names_of_cashiers, read_shifts, sums_of
from backend.tables.terminal import TerminalRow

routes = Blueprint("admin_shifts")

DAY_MAX = 99_991_231
ID_MAX = 2**31 - 1


class ShiftsQuery(PageShape):
    """Which shifts, newest first; 0: all. Days are Beijing's, of when it began.

    `cashier` "0": those without a number, "": all.
    """

    first_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0
    last_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0
    merchant_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    terminal_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    cashier: Annotated[str, Field(pattern=r"^[0-9]{0,10}$")] = ""


class ListedShiftTold(TypedDict):
    """A shift; its sums are the books', of an open one up to now.

    `name`: of the member of staff with this number who is a cashier of the merchant, "" for
    nobody. `told_fen` is what stood by the terminal's own count, `counted_fen` what was counted
    (null: nothing, or it is open), `difference_fen` that less what stands.
    """

    shift_id: int
    terminal_id: int
    terminal: str
    merchant_id: int
    merchant: str
    cashier: int
    name: str
    opened_at: At
    closed_at: At | None
    first_sequence: int
    last_sequence: int
    payments: int
    offline_payments: int
    charged_fen: Fen
    voided: int
    voided_fen: Fen
    stands_fen: Fen
    told_fen: Fen | None
    counted_fen: Fen | None
    difference_fen: Fen | None
    is_contested: bool


class ListedShiftsTold(TypedDict):
    """A page of shifts."""

    shifts: list[ListedShiftTold]
    next: str | None


@routes.get("/shifts")
@for_staff("payments.read", scoped=True)
@described(ListedShiftsTold, query=ShiftsQuery)
async def list_shifts(request: Request) -> HTTPResponse:
    """Cashiers' shifts at the windows within reach."""
    return answer(await shifts_page(request, read_query(request, ShiftsQuery)))


async def shifts_page(request: Request, query: ShiftsQuery) -> ListedShiftsTold:
    """A page of the list."""
    after = read_cursor(query.after, int, int)
    asked = ShiftFilter(
        merchants_within(actor_of(request), query.merchant_id),
        query.terminal_id,
        int(query.cashier) if query.cashier else None,
        query.first_on,
        query.last_on,
    )
    begun = (int(after[0]), int(after[1])) if after else None
    found = await read_shifts(asked, begun, query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.opened_at, row.id))
    terminals = await TerminalRow.filter(id__in={row.terminal_id for row in shown})
    merchants = await MerchantRow.filter(id__in={row.merchant_id for row in shown})
    names = await names_of_cashiers([(row.cashier, row.merchant_id) for row in shown])
    words = {row.id: row.name for row in terminals}, {row.id: row.name for row in merchants}
    return {"shifts": [await _told(row, words, names) for row in shown], "next": following}


async def _told(
    row: ShiftRow,
    words: tuple[dict[int, str], dict[int, str]],
    names: dict[tuple[int, int], str],
) -> ListedShiftTold:
    terminals, merchants = words
    if row.is_counted:
        sums = ShiftSums(*(getattr(row, name) for name in ShiftSums._fields))
    else:
        sums = await sums_of(row.terminal_id, row.first_sequence, None)
    counted = row.counted_fen
    return {
        "shift_id": row.id,
        "terminal_id": row.terminal_id,
        "terminal": terminals.get(row.terminal_id, ""),
        "merchant_id": row.merchant_id,
        "merchant": merchants.get(row.merchant_id, ""),
        "cashier": row.cashier,
        "name": names.get((row.cashier, row.merchant_id), ""),
        "opened_at": row.opened_at,
        "closed_at": row.closed_at or None,
        "first_sequence": row.first_sequence,
        "last_sequence": row.last_sequence,
        "payments": sums.payments,
        "offline_payments": sums.offline_payments,
        "charged_fen": sums.charged_fen,
        "voided": sums.voided,
        "voided_fen": sums.voided_fen,
        "stands_fen": sums.stands_fen,
        "told_fen": row.told_fen if row.is_counted else None,
        "counted_fen": counted,
        "difference_fen": None if counted is None else counted - sums.stands_fen,
        "is_contested": row.is_contested,
    }


file_of(
    routes,
    "/shifts/export",
    ListFile(
        Named("shifts", "收银班次", "Shifts", "payments.read"),
        ShiftsQuery,
        shifts_page,
        "shifts",
        {
            "terminal": Column("终端", "Terminal"),
            "merchant": Column("商户", "Merchant"),
            "cashier": Column("收银员编号", "Cashier", Kind.NUMBER),
            "name": Column("收银员", "Name"),
            "opened_at": Column("开班", "Began", Kind.TIME),
            "closed_at": Column("交班", "Ended", Kind.TIME),
            "payments": Column("笔数", "Payments", Kind.NUMBER),
            "offline_payments": Column("脱机", "Offline", Kind.NUMBER),
            "charged_fen": Column("实收", "Charged", Kind.FEN),
            "voided": Column("撤销笔数", "Voided", Kind.NUMBER),
            "voided_fen": Column("撤销", "Voided fen", Kind.FEN),
            "stands_fen": Column("净收", "Stands", Kind.FEN),
            "told_fen": Column("终端自报", "By the terminal", Kind.FEN),
            "counted_fen": Column("实点", "Counted", Kind.FEN),
            "difference_fen": Column("长短款", "Over or short", Kind.FEN),
            "is_contested": Column("存疑", "Contested"),
        },
    ),
    scoped=True,
)
