"""Reading refunds and voids that wait for another person."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.tables import sql
from backend.tables.payment import CorrectionRequestRow
from backend.tables.places import within_sql


async def read_waiting_corrections(actor: Actor, lines_max: int) -> list[CorrectionRequestRow]:
    """The oldest that wait, of payments within the actor's reach."""
    if actor.reach.is_whole_school:
        rows = CorrectionRequestRow.filter(decision="").order_by("id").limit(lines_max)
        return await rows
    joined = "correction_request r JOIN payment p ON p.id=r.payment_id"
    mine = f"r.decision='' AND {within_sql(actor, 'p.merchant_id')}"
    tail = f" ORDER BY r.id LIMIT {int(lines_max)}"
    found: list[CorrectionRequestRow] = list(
        await CorrectionRequestRow.raw(sql.select("r.*", joined, mine, tail))
    )
    return found
