"""Reading refunds and voids that were asked for, within somebody's reach."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.tables import sql
from backend.tables.payment import CorrectionRequestRow, PaymentRow
from backend.tables.places import within_sql


@dataclass(frozen=True, slots=True)
class CorrectionFilter:
    """Which requests; "all", "" and 0: all."""

    state: str = "all"
    kind: str = ""
    payment_id: int = 0


async def read_corrections(
    asked: CorrectionFilter, actor: Actor, before_id: int, rows_max: int
) -> list[CorrectionRequestRow]:
    """Requests before one id (0: from the newest) about payments within reach, newest first."""
    wanted = f"r.id<{int(before_id)}" if before_id else "r.id>0"
    if asked.state != "all":
        decision = "" if asked.state == "waiting" else asked.state
        wanted += f" AND r.decision={sql.literal(decision)}"
    if asked.kind:
        wanted += f" AND r.kind={sql.literal(asked.kind)}"
    if asked.payment_id:
        wanted += f" AND r.payment_id={int(asked.payment_id)}"
    table = "correction_request r"
    if not actor.reach.is_whole_school:
        table += " JOIN payment p ON p.id=r.payment_id"
        wanted += f" AND {within_sql(actor, 'p.merchant_id')}"
    tail = f" ORDER BY r.id DESC LIMIT {int(rows_max)}"
    return list(await CorrectionRequestRow.raw(sql.select("r.*", table, wanted, tail)))


async def is_within_reach(request: CorrectionRequestRow, actor: Actor) -> bool:
    """Whether the payment of a request may be seen and acted on by somebody."""
    payment = await PaymentRow.get_or_none(id=request.payment_id)
    return payment is not None and actor.reach.has_merchant(payment.merchant_id)
