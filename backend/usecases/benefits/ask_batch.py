"""Put a file of benefits down as a batch that waits for another person."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.benefit import BenefitPlan, faulty_file, key_used
from backend.tables.audit import note
from backend.tables.benefit import BenefitBatchRow, BenefitLineRow
from backend.tables.database import transaction
from backend.tables.retrying import retried

ROWS_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class BatchAsked:
    """What a batch is called and why. `request_key` is the asker's own: a repeat gets the first."""

    request_key: str
    title: str
    reason: str


@retried
async def ask_batch(
    asked: BatchAsked, plan: BenefitPlan, *, actor: Actor, at: int
) -> BenefitBatchRow:
    """Keep it with its lines; nobody is given anything before another person approves.

    Raises:
        InvalidInputError: the file has faults, or gives nobody anything; it is all or nothing.
        ConflictError: the request key was used for another batch.

    """
    if plan.errors_found or not plan.given:
        raise faulty_file(plan.errors_found)
    async with transaction():
        standing = await BenefitBatchRow.get_or_none(request_key=asked.request_key)
        if standing is not None:
            said = (standing.title, standing.reason, standing.holders, standing.total_fen)
            if said != (asked.title, asked.reason, len(plan.given), plan.total_fen):
                raise key_used()
            return standing
        row = await BenefitBatchRow.create(
            request_key=asked.request_key,
            title=asked.title,
            reason=asked.reason,
            holders=len(plan.given),
            total_fen=plan.total_fen,
            made_by=actor.label,
            made_at=at,
        )
        await BenefitLineRow.bulk_create(
            [
                BenefitLineRow(batch_id=row.id, holder_id=holder_id, amount_fen=amount_fen)
                for holder_id, amount_fen in plan.given
            ],
            batch_size=ROWS_PER_STATEMENT,
        )
        subject = f"benefit_batch:{row.id}"
        detail = {"holders": row.holders, "total_fen": row.total_fen}
        await note(actor.label, "benefits.ask", subject, at, **detail)
    return row
