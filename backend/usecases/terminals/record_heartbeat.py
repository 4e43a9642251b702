"""Keep what a terminal says of itself at a sync."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.domain.times import utc
from backend.tables.terminal import RefusalCountRow, TerminalRow
from backend.tables.versions import VERSION_NAMES, Versions

SKEW_SECONDS_MAX = 2**31 - 1
REFUSALS_A_SYNC_MAX = 400


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A terminal's own words. `refusals` are absolute counts by business day and reason."""

    at: int
    journal_depth: int
    highest_sequence: int
    journal_hash: str
    software: str
    readiness: Mapping[str, object]
    refusals: Mapping[int, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the server knows of the terminal's journal, and its sealing key (raw)."""

    confirmed_through: int
    sealing_key: bytes


async def record_heartbeat(
    terminal_id: int, beat: Heartbeat, held: Versions, now: Versions, at: float
) -> Standing:
    """Store it and answer how far the journal has been taken over.

    A terminal may claim no version newer than the server's own: it would count as one that knows
    of a freeze nobody has made yet.
    """
    terminal = await TerminalRow.get(id=terminal_id)
    readiness = {**beat.readiness, "journal": _journal_word(terminal, beat)}
    await TerminalRow.filter(id=terminal_id).update(
        seen_at=utc(at),
        clock_skew_seconds=max(-SKEW_SECONDS_MAX, min(SKEW_SECONDS_MAX, beat.at - int(at))),
        journal_depth=beat.journal_depth,
        highest_sequence=beat.highest_sequence,
        **{
            f"{name}_version": min(getattr(held, name), getattr(now, name))
            for name in VERSION_NAMES
        },
        software=beat.software,
        readiness=readiness,
    )
    await _record_refusals(terminal_id, beat.refusals)
    return Standing(terminal.journal_sequence, bytes.fromhex(terminal.sealing_key))


def _journal_word(terminal: TerminalRow, beat: Heartbeat) -> str:
    """Whether the terminal's journal continues what the server holds of it."""
    if beat.highest_sequence < terminal.journal_sequence:
        return "set_back"  # an older disk image: it would use sequences a second time
    is_end = beat.highest_sequence == terminal.journal_sequence
    if is_end and beat.highest_sequence > 0 and beat.journal_hash != terminal.journal_hash:
        return "differs"
    return "agrees"


async def _record_refusals(terminal_id: int, refusals: Mapping[int, Mapping[str, int]]) -> None:
    told = {
        (business_on, reason): count
        for business_on, reasons in refusals.items()
        for reason, count in reasons.items()
    }
    if not told:
        return
    rows = await RefusalCountRow.filter(terminal_id=terminal_id, business_on__in=sorted(refusals))
    known = {(row.business_on, row.reason): row.count for row in rows}
    changed = [(key, count) for key, count in told.items() if known.get(key) != count]
    if not changed:
        return
    connection = RefusalCountRow._meta.db  # noqa: SLF001 - the request's own connection
    is_sqlite = connection.capabilities.dialect == "sqlite"
    sql = (
        "INSERT INTO refusal_count (terminal_id, business_on, reason, count) VALUES (?, ?, ?, ?)"
        " ON CONFLICT(terminal_id, business_on, reason) DO UPDATE SET count = excluded.count"
        if is_sqlite
        else "INSERT INTO refusal_count (terminal_id, business_on, reason, count)"
        " VALUES (%s, %s, %s, %s) ON DUPLICATE KEY UPDATE count = VALUES(count)"
    )
    await connection.execute_many(
        sql, [[terminal_id, business_on, reason, count] for (business_on, reason), count in changed]
    )
