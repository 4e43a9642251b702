"""Reading what guardians limit and what counts towards it, for the few holders whom it concerns.

What was spent is added up from the payments themselves: a void, a reversal and a late record are in
it without anybody keeping a second count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.domain.correction import CorrectionKind
from backend.domain.holder_limit import LimitedHolder, from_text
from backend.domain.payment import Attempt, AttemptKind
from backend.domain.set_state import SetState
from backend.tables import sql
from backend.tables.payment import PaymentRow
from backend.tables.store import Rows
from campus_code import RulesBundle, business_day

STANDING = (
    "payment p JOIN terminal t ON t.id=p.terminal_id"
    " LEFT JOIN reversal r ON r.terminal_id=p.terminal_id AND r.reverses=p.sequence"
    " AND r.payment_id=p.id"
)
"""Payments with their terminals and reversals; `STANDS` is the WHERE that goes with it."""
_VOIDED = sql.select("1", "correction c", f"c.payment_id=p.id AND c.kind='{CorrectionKind.VOID}'")
STANDS = f" AND p.code_key IS NOT NULL AND r.id IS NULL AND NOT EXISTS ({_VOIDED})"
"""What a holder's tally counts: no second use of a code, nothing reversed or voided."""


def reads_of_limits(
    holder_ids: Iterable[int], attempts: Sequence[Attempt], rules: RulesBundle
) -> tuple[str, ...]:
    """The two SELECTs over these holders; none when nobody asks before he hands out."""
    days = {business_day(one.at, rules) for one in attempts if one.kind is AttemptKind.ONLINE}
    if not days:
        return ()
    theirs = f"holder_id IN ({sql.numbers(sorted(holder_ids))})"
    spent = f"p.{theirs} AND p.business_on IN ({sql.numbers(sorted(days))}){STANDS}"
    grouped = "p.holder_id,p.business_on,t.group_id"
    return (
        sql.select("holder_id,limits", "holder_limit", theirs),
        sql.select(f"{grouped},SUM(p.charged_fen)", STANDING, spent, f" GROUP BY {grouped}"),
    )


def take_limits(state: SetState, limits: Rows, spent: Rows) -> None:
    """Give the holders of a set the rows of `reads_of_limits`."""
    for holder_id, text in limits:
        state.holders[holder_id].limited = LimitedHolder(from_text(text))
    for holder_id, business_on, group_id, fen in spent:
        limited = state.holders[holder_id].limited
        if limited is not None:
            limited.spent_fen[business_on, group_id] = int(fen)


async def spent_by_group(holder_id: int, business_on: int) -> dict[tuple[int, str], int]:
    """What counts towards one holder's limits on a day, outside any set: for a look, not a deed."""
    wanted = f"p.holder_id={int(holder_id)} AND p.business_on={int(business_on)}{STANDS}"
    columns = "t.group_id AS group_id, SUM(p.charged_fen) AS fen"
    connection = PaymentRow._meta.db  # noqa: SLF001 - the engine's own connection
    statement = sql.select(columns, STANDING, wanted, " GROUP BY t.group_id")
    rows = await connection.execute_query_dict(statement)
    return {(business_on, row["group_id"]): int(row["fen"]) for row in rows}
