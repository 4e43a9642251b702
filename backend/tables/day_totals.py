"""Adding committed entries up by day: what reports read instead of a year's payments.

As the roll-up does for balances, each lane is read from its own mark to its newest link, and the
sums move with the mark in one transaction. Nothing else is written, so all of it may be thrown
away (and its marks with it) and is made again from the books.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from backend.domain.accounts import PURSES_MAX, merchant_account, purse_account
from backend.domain.bill_day import day_of
from backend.domain.place import PlaceKind
from backend.domain.report import Dimension
from backend.tables import sql
from backend.tables.account import LinkRow
from backend.tables.database import transaction
from backend.tables.lanes import rows_of, unread
from backend.tables.ledger import LANE_BITS
from backend.tables.place import PlaceRow
from backend.tables.report import DayMarkRow, LaneDayRow
from backend.tables.versions import next_version
from campus_code.days import day_number

DAYS: Final = "day_totals"
"""The counter that rollers wait for; its value means nothing."""
ENTRIES_PER_ROLL: Final = 1 << 20
BEIJING_SECONDS: Final = 8 * 3600

_MERCHANT_BASE = merchant_account(0)
_PURSE_BASE = purse_account(0, "cash")
_SUMS = (
    "payments", "offline_payments", "nominal_fen", "discount_fen", "fee_fen", "charged_fen",
    "borne_fen", "payable_fen", "corrected_fen",
)  # fmt: skip
_PAID = (
    "COUNT(*),SUM(y.was_offline),SUM(y.nominal_fen),SUM(y.discount_fen),SUM(y.fee_fen),"
    "SUM(y.charged_fen),SUM(y.borne_fen),0,0"
)
_VALUES: Final = {
    Dimension.TERMINAL: "CAST(y.terminal_id AS CHAR(20))",
    Dimension.CLASS: "CAST(y.class_id AS CHAR(20))",
    Dimension.DEPARTMENT: "COALESCE(h.department,'')",
}


async def open_ranges() -> list[tuple[int, int, int]]:
    """What is not yet added up, as `lanes.unread` tells it."""
    return await unread({mark.lane_id: mark.through_id for mark in await DayMarkRow.all()})


async def roll_days(lane_id: int, after_id: int, through_id: int) -> int:
    """Add one lane up from its mark; answers the new mark. Safe beside another roller."""
    through_id = min(through_id, after_id + ENTRIES_PER_ROLL * 8 - 1)
    async with transaction():
        await next_version(DAYS)
        await DayMarkRow.get_or_create(
            lane_id=lane_id, defaults={"through_id": lane_id << LANE_BITS}
        )
        mark = await DayMarkRow.select_for_update().get(lane_id=lane_id)
        if mark.through_id != after_id:
            return int(mark.through_id)
        inside = f"p.id>{after_id} AND p.id<={through_id}"
        for dimension in Dimension:
            await _add_payments(dimension, inside.replace("p.id", "y.id"))
            await _add_shares(dimension, inside)
        for day_on, first, last in await _spans(lane_id, after_id, through_id):
            await _add_span(lane_id, day_on, first, last)
            part = f"p.id>{first} AND p.id<={last}"
            await _add_accounts(day_on, part)
            await _add_flows(day_on, part)
        await DayMarkRow.filter(lane_id=lane_id).update(through_id=through_id)
    return through_id


async def _add_payments(dimension: Dimension, inside: str) -> None:
    chosen = sql.select(
        f"{_keys(dimension)},{_PAID}", f"payment y{_joined(dimension)}", inside, _groups(dimension)
    )
    await _add_totals(chosen)


async def _add_shares(dimension: Dimension, inside: str) -> None:
    """The merchants' own part, and what reversals and refunds took back from it."""
    for kinds, side, payment, sums in (
        (("payment",), "target_id", "p.id-p.id%8", "SUM(p.amount_fen),0"),
        (("reversal", "correction"), "source_id", "p.corrects_id", "0,SUM(p.amount_fen)"),
    ):
        joined = f"posting p JOIN payment y ON y.id={payment}{_joined(dimension)}"
        wanted = (
            f"{inside} AND p.kind IN ({sql.words(kinds)})"
            f" AND p.{side}={_MERCHANT_BASE}+y.merchant_id"
        )
        columns = f"{_keys(dimension)},0,0,0,0,0,0,0,{sums}"
        await _add_totals(sql.select(columns, joined, wanted, _groups(dimension)))


def _keys(dimension: Dimension) -> str:
    merchant = "y.merchant_id" if dimension.is_by_merchant else "0"
    return f"'{dimension.value}',{_VALUES[dimension]},{merchant},y.business_on"


def _groups(dimension: Dimension) -> str:
    merchant = "y.merchant_id," if dimension.is_by_merchant else ""
    return f" GROUP BY {_VALUES[dimension]},{merchant}y.business_on"


def _joined(dimension: Dimension) -> str:
    is_about_holders = dimension is Dimension.DEPARTMENT
    return " LEFT JOIN cardholder h ON h.id=y.holder_id" if is_about_holders else ""


async def _add_totals(chosen: str) -> None:
    keys = ("dimension", "value", "merchant_id", "business_on")
    await _upsert("day_total", keys, _SUMS, chosen)


async def _add_accounts(day_on: int, inside: str) -> None:
    for side, sums in (("source_id", "SUM(p.amount_fen),0"), ("target_id", "0,SUM(p.amount_fen)")):
        account = (
            f"CASE WHEN p.{side}>={_PURSE_BASE} THEN {_PURSE_BASE}+p.{side}%{PURSES_MAX}"
            f" ELSE p.{side} END"
        )
        book = "COALESCE(a.book_id,0)"
        columns = f"{account},{book},{int(day_on)},{sums},COUNT(*)"
        joined = f"posting p LEFT JOIN account a ON a.id=p.{side}"
        chosen = sql.select(columns, joined, inside, f" GROUP BY {account},{book}")
        keys = ("account_id", "book_id", "booked_on")
        await _upsert("account_day", keys, ("debit_fen", "credit_fen", "postings"), chosen)


async def _add_flows(day_on: int, inside: str) -> None:
    """What went from one campus' book to another's; a school of one book has none."""
    if not await PlaceRow.exists(kind=PlaceKind.CAMPUS.value):
        return
    source, target = "COALESCE(s.book_id,0)", "COALESCE(t.book_id,0)"
    joined = (
        "posting p LEFT JOIN account s ON s.id=p.source_id LEFT JOIN account t ON t.id=p.target_id"
    )
    columns = f"{source},{target},{int(day_on)},SUM(p.amount_fen),COUNT(*)"
    crossing = f"{inside} AND {source}<>{target}"
    chosen = sql.select(columns, joined, crossing, f" GROUP BY {source},{target}")
    keys = ("source_book", "target_book", "booked_on")
    await _upsert("book_flow", keys, ("amount_fen", "postings"), chosen)


async def _upsert(table: str, keys: Sequence[str], sums: Sequence[str], chosen: str) -> None:
    """Insert what was chosen; where its keys stand, add to it."""
    connection = LinkRow._meta.db  # noqa: SLF001 - the transaction's own connection
    end = sql.adding(connection.capabilities.dialect, table, keys, sums)
    await connection.execute_query(
        f"INSERT INTO {table} ({','.join((*keys, *sums))}) {chosen}{end}"
    )


async def _spans(lane_id: int, after_id: int, through_id: int) -> list[tuple[int, int, int]]:
    """(Beijing day, after, through) of a stretch of a lane, in order; links are cut at its ends."""
    low, high = lane_id << LANE_BITS, (lane_id + 1) << LANE_BITS
    inside = f"id>{low} AND id<{high} AND last_id>{after_id} AND after_id<{through_id}"
    local = f"posted_at+{BEIJING_SECONDS}"
    midnight = f"{local}-({local})%86400"
    columns = f"MIN(posted_at) AS at,MIN(after_id) AS first,MAX(last_id) AS last,{midnight} AS day"
    found = await rows_of(
        sql.select(columns, "link", inside, f" GROUP BY {midnight} ORDER BY first")
    )
    if any(one["last"] > two["first"] for one, two in pairwise(found)):
        # the clock was set back over midnight: link by link
        columns = "posted_at AS at,after_id AS first,last_id AS last"
        found = await rows_of(sql.select(columns, "link", inside, " ORDER BY id"))
    return [
        (
            day_number(day_of(row["at"])),
            max(int(row["first"]), after_id),
            min(int(row["last"]), through_id),
        )
        for row in found
    ]


async def _add_span(lane_id: int, day_on: int, after_id: int, through_id: int) -> None:
    grown = await LaneDayRow.filter(lane_id=lane_id, booked_on=day_on, through_id=after_id).update(
        through_id=through_id
    )
    if not grown:
        await LaneDayRow.create(
            lane_id=lane_id, booked_on=day_on, after_id=after_id, through_id=through_id
        )
