"""Find terminals by what the office asks for, in the order of their ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tortoise.expressions import Q, Subquery

from backend.domain.access import Actor
from backend.domain.live import MENDING_MIN, READY_MIN, SILENT_SECONDS
from backend.domain.place import below
from backend.domain.times import utc
from backend.tables.live_reads import Stand, read_stands
from backend.tables.merchant import MerchantRow
from backend.tables.places import read_places, within
from backend.tables.terminal import StolenTerminalRow, TerminalRow

ROWS_A_LOOK = 500
"""Readiness is no column: so many rows are looked at in one go for those that fit."""


class Standing(StrEnum):
    """Whether a terminal is there."""

    ALL = "all"
    HEARD = "heard"
    SILENT = "silent"
    REVOKED = "revoked"
    STOLEN = "stolen"


class Readiness(StrEnum):
    """How ready it said it is: well, to be mended, somebody should come, never told."""

    ALL = "all"
    READY = "ready"
    MENDING = "mending"
    BAD = "bad"
    UNKNOWN = "unknown"


ID_DIGITS_MAX = 9
"""No terminal has more: a longer number is looked for in names alone."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; 0 and "" for any. `place_id`: there and below it.

    `text`: a part of the name, or the terminal's id.
    """

    place_id: int = 0
    merchant_id: int = 0
    group_id: str = ""
    text: str = ""
    standing: Standing = Standing.ALL
    readiness: Readiness = Readiness.ALL


@dataclass(frozen=True, slots=True)
class TerminalsView:
    """The terminals found, which of them are stolen, and merchants' names."""

    rows: Sequence[TerminalRow]
    stolen: frozenset[int]
    stands: Mapping[int, Stand]


async def list_terminals(
    wanted: Wanted, after_id: int, limit: int, *, actor: Actor, at: int
) -> TerminalsView:
    """Up to `limit` terminals within the actor's reach, with ids above `after_id`."""
    found: list[TerminalRow] = []
    base = _filtered(wanted, at) & await _standing_at(wanted.place_id)
    base &= Q(*[Q(merchant_id__in=ids) for ids in within(actor).values()])
    while len(found) < limit:
        page = await (
            TerminalRow.filter(base, id__gt=after_id).order_by("id").limit(max(limit, ROWS_A_LOOK))
        )
        found += [row for row in page if _FITS[wanted.readiness](score_of(row))]
        if len(page) < max(limit, ROWS_A_LOOK):
            break
        after_id = page[-1].id
    rows = found[:limit]
    stolen = await StolenTerminalRow.filter(terminal_id__in=[row.id for row in rows])
    return TerminalsView(rows, frozenset(row.terminal_id for row in stolen), await read_stands())


async def _standing_at(place_id: int) -> Q:
    """Terminals of the merchants at a place and below it."""
    if not place_id:
        return Q()
    place_ids = below(await read_places(), [place_id])
    merchants = await MerchantRow.filter(place_id__in=place_ids).only("id")
    return Q(merchant_id__in=[row.id for row in merchants])


def score_of(row: TerminalRow) -> int | None:
    """How ready it said it is; None when it never told."""
    score = row.readiness.get("score")
    return score if type(score) is int else None


def _filtered(wanted: Wanted, at: int) -> Q:
    asked = Q()
    if wanted.merchant_id:
        asked &= Q(merchant_id=wanted.merchant_id)
    if wanted.group_id:
        asked &= Q(group_id=wanted.group_id)
    if wanted.text:
        named = Q(name__icontains=wanted.text)
        is_id = wanted.text.isdecimal() and len(wanted.text) <= ID_DIGITS_MAX
        asked &= named | Q(id=int(wanted.text)) if is_id else named
    heard_since = utc(at - SILENT_SECONDS)
    match wanted.standing:
        case Standing.HEARD:
            asked &= Q(revoked_at=None, seen_at__gte=heard_since)
        case Standing.SILENT:
            asked &= Q(revoked_at=None) & (Q(seen_at=None) | Q(seen_at__lt=heard_since))
        case Standing.REVOKED:
            asked &= Q(revoked_at__isnull=False)
        case Standing.STOLEN:
            asked &= Q(id__in=Subquery(StolenTerminalRow.all().values("terminal_id")))
        case Standing.ALL:
            pass
    return asked


_FITS: Mapping[Readiness, Callable[[int | None], bool]] = {
    Readiness.ALL: lambda _score: True,
    Readiness.READY: lambda score: score is not None and score >= READY_MIN,
    Readiness.MENDING: lambda score: score is not None and MENDING_MIN <= score < READY_MIN,
    Readiness.BAD: lambda score: score is not None and score < MENDING_MIN,
    Readiness.UNKNOWN: lambda score: score is None,
}
