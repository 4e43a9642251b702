"""A terminal as the office reads it: in a list, and on a page of its own."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal, cast

from typing_extensions import TypedDict

from backend.api.told import At, Fen
from backend.domain.live import SILENT_SECONDS
from backend.domain.visit import is_hall
from backend.tables.live_reads import Stand
from backend.tables.terminal import TerminalRow
from backend.tables.versions import held_by
from campus_code import RulesBundle

Kind = Literal["till", "door", "hall"]
StandingWord = Literal["heard", "silent", "revoked", "stolen"]


class HeldVersionsTold(TypedDict):
    """A version of each document; 0: none yet."""

    rules: int
    denylist: int
    directory: int
    keyring: int
    limits: int
    chips: int
    doors: int


class TerminalTold(TypedDict):
    """A terminal with what it reported last; null: never."""

    terminal_id: int
    name: str
    merchant_id: int
    merchant: str
    canteen: str
    group_id: str
    kind: Kind
    standing: StandingWord
    enrolled_at: At
    revoked_at: At | None
    seen_at: At | None
    clock_skew_seconds: int
    journal_depth: int
    confirmed_through: int
    versions: HeldVersionsTold
    software: str
    readiness: dict[str, Any]


class TerminalHourTold(TypedDict):
    """What a terminal took in an hour."""

    begins_at: At
    payments: int
    offline_payments: int


class TerminalRefusalTold(TypedDict):
    """How often it refused today, by reason."""

    reason: str
    count: int


class TerminalDeedTold(TypedDict):
    """What somebody did to it."""

    at: At
    actor: str
    verb: str
    detail: dict[str, Any]


class TerminalDrillTold(TypedDict):
    """Its part in a drill; `told_at` null: it told nothing yet."""

    drill_id: int
    reason: str
    begins_at: At
    ends_at: At
    told_at: At | None
    payments: int
    charged_fen: Fen
    refusals: int
    decided_milliseconds_max: int


def shown_terminal(
    row: TerminalRow, stand: Stand, kind: Kind, at: int, *, is_stolen: bool
) -> TerminalTold:
    """One row for the office's eyes."""
    seen_at = None if row.seen_at is None else int(row.seen_at.timestamp())
    revoked_at = None if row.revoked_at is None else int(row.revoked_at.timestamp())
    is_heard = seen_at is not None and at - seen_at <= SILENT_SECONDS
    standing: StandingWord = "heard" if is_heard else "silent"
    if revoked_at is not None:
        standing = "stolen" if is_stolen else "revoked"
    return {
        "terminal_id": row.id,
        "name": row.name,
        "merchant_id": row.merchant_id,
        "merchant": stand.merchant,
        "canteen": stand.canteen,
        "group_id": row.group_id,
        "kind": kind,
        "standing": standing,
        "enrolled_at": int(row.enrolled_at.timestamp()),
        "revoked_at": revoked_at,
        "seen_at": seen_at,
        "clock_skew_seconds": row.clock_skew_seconds,
        "journal_depth": row.journal_depth,
        "confirmed_through": row.journal_sequence,
        "versions": cast("HeldVersionsTold", asdict(held_by(row))),
        "software": row.software,
        "readiness": row.readiness,
    }


def kind_of(rules: RulesBundle | None, group_id: str, *, is_door: bool) -> Kind:
    """What a terminal is there for; without rules nobody knows the halls."""
    if is_door:
        return "door"
    return "hall" if rules is not None and is_hall(rules, group_id) else "till"
