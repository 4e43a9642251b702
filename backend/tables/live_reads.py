"""The figures of this moment, read from counts that somebody keeps: never from the payments.

Every statement reads a bounded stretch of an index, whatever the school has sold before.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from backend.domain.place import PlaceKind
from backend.tables import sql
from backend.tables.drill import DrillRow
from backend.tables.merchant import MerchantRow
from backend.tables.places import read_places
from backend.tables.pulse import PulseRow
from backend.tables.school import EpochKeyRow, LeaseRow
from backend.tables.terminal import TerminalRow

WORKER_LEASE = "worker"


class Minute(NamedTuple):
    """What the school took in one minute."""

    minute_at: int
    payments: int
    offline_payments: int


class Taken(NamedTuple):
    """What one terminal took: lately, of that alone, and in the last minutes that are over."""

    payments: int
    offline_payments: int
    recent: int


class DayTotals(NamedTuple):
    """A business day so far, as the roll-up has it."""

    payments: int
    offline_payments: int
    charged_fen: int


def _these(column: str, ids: Collection[int] | None) -> str:
    """The condition that it is one of these; None: whichever it is."""
    return "" if ids is None else f" AND {column} IN ({sql.numbers(sorted(ids))})"


async def terminals_of(merchant_ids: Collection[int]) -> frozenset[int]:
    """The terminals of these merchants, also those that are revoked: they took what they took."""
    rows = await TerminalRow.filter(merchant_id__in=sorted(merchant_ids)).only("id")
    return frozenset(row.id for row in rows)


async def minutes_between(
    begins_at: int, ends_at: int, terminal_ids: Collection[int] | None
) -> list[Minute]:
    """The minutes in [begins_at, ends_at) of these terminals, None: of all."""
    rows = await _rows(
        sql.select(
            "minute_at, SUM(payments) AS payments, SUM(offline_payments) AS offline_payments",
            "pulse",
            f"minute_at>={int(begins_at)} AND minute_at<{int(ends_at)}"
            + _these("terminal_id", terminal_ids),
            " GROUP BY minute_at ORDER BY minute_at",
        )
    )
    return [
        Minute(int(row["minute_at"]), int(row["payments"]), int(row["offline_payments"]))
        for row in rows
    ]


async def taken_since(lately_at: int, recent_at: int, recent_until: int) -> dict[int, Taken]:
    """By terminal what it took since `lately_at`, and in [recent_at, recent_until)."""
    is_recent = f"minute_at>={int(recent_at)} AND minute_at<{int(recent_until)}"
    rows = await _rows(
        sql.select(
            "terminal_id, SUM(payments) AS payments, SUM(offline_payments) AS offline_payments,"
            f" SUM(CASE WHEN {is_recent} THEN payments ELSE 0 END) AS recent",
            "pulse",
            f"minute_at>={int(lately_at)}",
            " GROUP BY terminal_id",
        )
    )
    names = ("payments", "offline_payments", "recent")
    return {row["terminal_id"]: Taken(*(int(row[name]) for name in names)) for row in rows}


async def best_minutes(since_at: int) -> dict[int, int]:
    """By terminal the most it took in a minute since then."""
    rows = await _rows(
        sql.select(
            "terminal_id, MAX(payments) AS best",
            "pulse",
            f"minute_at>={int(since_at)}",
            " GROUP BY terminal_id",
        )
    )
    return {row["terminal_id"]: int(row["best"]) for row in rows}


async def totals_of(business_on: int, merchant_ids: Collection[int]) -> DayTotals:
    """The day of these merchants; the natural key finds them."""
    wanted = (
        f"merchant_id IN ({sql.numbers(sorted(merchant_ids))}) AND business_on={int(business_on)}"
    )
    columns = ",".join(f"COALESCE(SUM({name}),0) AS {name}" for name in DayTotals._fields)
    (row,) = await _rows(sql.select(columns, "period_total", wanted))
    return DayTotals(*(int(row[name]) for name in DayTotals._fields))


async def refusals_on(
    business_on: int, terminal_ids: Collection[int] | None
) -> list[tuple[str, int]]:
    """The day's refusals of these terminals (None: all) by reason, the most frequent first."""
    rows = await _rows(
        sql.select(
            "reason, SUM(count) AS refused",
            "refusal_count",
            f"business_on={int(business_on)}" + _these("terminal_id", terminal_ids),
            " GROUP BY reason ORDER BY refused DESC, reason",
        )
    )
    return [(row["reason"], int(row["refused"])) for row in rows]


class TopUps(NamedTuple):
    """How many, and fen."""

    credited: int
    amount_fen: int


async def top_ups_since(at: int) -> TopUps:
    """Top-ups credited since then."""
    columns = "COUNT(*) AS count, COALESCE(SUM(amount_fen),0) AS amount_fen"
    (row,) = await _rows(sql.select(columns, "top_up", f"credited_at>={int(at)}"))
    return TopUps(int(row["count"]), int(row["amount_fen"]))


class Stand(NamedTuple):
    """A merchant's name, and that of the canteen it is in; "" where it is in none."""

    merchant: str
    canteen: str


NO_STAND = Stand("", "")


async def read_stands() -> dict[int, Stand]:
    """Every merchant by id."""
    places = {place.id: place for place in await read_places()}
    made = {}
    for row in await MerchantRow.all().only("id", "name", "place_id"):
        place = places.get(row.place_id)
        while place is not None and place.kind is PlaceKind.WINDOW:
            place = places.get(place.parent_id)
        made[row.id] = Stand(row.name, "" if place is None else place.name)
    return made


async def quarantined_count(terminal_ids: Collection[int] | None) -> int:
    """What of these terminals (None: all) waits for a person."""
    wanted = "resolved_at=0" + _these("terminal_id", terminal_ids)
    (row,) = await _rows(sql.select("COUNT(*) AS waiting", "quarantine", wanted))
    return int(row["waiting"])


async def dispute_count(merchant_ids: Collection[int] | None) -> int:
    """Contested payments of these merchants (None: all) nobody has decided about."""
    joined = "dispute d" if merchant_ids is None else "dispute d JOIN payment p ON p.id=d.id"
    wanted = "d.decided_at=0" + _these("p.merchant_id", merchant_ids)
    (row,) = await _rows(sql.select("COUNT(*) AS waiting", joined, wanted))
    return int(row["waiting"])


async def running_drill(at: int) -> int:
    """The drill that is on, 0 for none."""
    row = await DrillRow.filter(begins_at__lte=at, ends_at__gt=at).order_by("-id").first()
    return 0 if row is None else int(row.id)


async def keys_end_at() -> int | None:
    """When the newest key epoch ends; None when there is none."""
    row = await EpochKeyRow.all().order_by("-valid_until").first()
    return None if row is None else int(row.valid_until)


async def has_worker(at: int) -> bool:
    """Whether a worker leads at this moment."""
    return await LeaseRow.filter(name=WORKER_LEASE, until__gt=at).exists()


async def _rows(statement: str) -> list[dict[str, Any]]:
    connection = PulseRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement))
