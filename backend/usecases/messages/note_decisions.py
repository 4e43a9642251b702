from __future__ import annotations

from backend.domain.message import Fact, RefundStep, Template, money_facts
from backend.domain.refund import RefundState
from backend.tables.card import CardRow
from backend.tables.database import transaction
from backend.tables.lots import lots_passing
from backend.tables.merchant import MerchantRow
from backend.tables.message import MessageMarkRow
from backend.tables.outbox import lock_noting, mark_told, note_facts, untold
from backend.tables.payment import DisputeRow, PaymentRow
from backend.tables.retrying import retried
from backend.tables.top_up import RefundRow

MARK = "decisions"
LOTS_MARK = "lots"
"""The day (since 1970, UTC) on which lots were looked at last: once a day is enough."""
DAY_SECONDS = 86_400
OVERLAP_SECONDS = 600
"""What was decided so long before the last look is looked at again: it may have committed late."""
LOT_DAYS = 30
"""So many days before a lot can no longer go back, its holder is told."""


async def note_decisions(at: int) -> int:
    """Note answered disputes, refunds that arrived, lots about to pass their date; how many.

    None of these is an entry in the books, so each is marked as told for ever.
    """
    mark = await MessageMarkRow.get_or_none(name=MARK)
    since = (at if mark is None else mark.value) - OVERLAP_SECONDS
    facts = [*await _disputes(since), *await _refunds(since)]
    marks = {MARK: at}
    lots = await MessageMarkRow.get_or_none(name=LOTS_MARK)
    if lots is None or lots.value < at // DAY_SECONDS:
        facts += await _lots(at)
        marks[LOTS_MARK] = at // DAY_SECONDS
    return await _note(facts, marks, at)


@retried
async def _note(facts: list[Fact], marks: dict[str, int], at: int) -> int:
    noted = 0
    async with transaction():
        await lock_noting()
        fresh = await untold([fact.topic for fact in facts])
        for fact in facts:
            if fact.topic in fresh and (told := await note_facts([fact], at)):
                await mark_told(fact.topic, at)
                noted += told
        for name, value in marks.items():
            await MessageMarkRow.update_or_create(name=name, defaults={"value": value})
    return noted


async def _disputes(since: int) -> list[Fact]:
    rows = await DisputeRow.filter(decided_at__gte=since).exclude(decision="").exclude(made_by="")
    facts = []
    for row in rows:
        card = await CardRow.get(id=row.card_id)
        payment = await PaymentRow.get(id=row.id)
        merchant = await MerchantRow.get(id=payment.merchant_id)
        words = {"merchant": merchant.name, "decision": row.decision, "at": str(row.decided_at)}
        topic = f"dispute:{row.id}"
        facts.append(Fact(Template.DISPUTE, topic, card.holder_id, row.decided_at, words))
    return facts


async def _refunds(since: int) -> list[Fact]:
    rows = await RefundRow.filter(ended_at__gte=since, state=RefundState.DONE.value)
    step = RefundStep.ARRIVED
    return [
        Fact(
            Template.REFUND,
            f"refund:{row.id}:{step}",
            row.holder_id,
            row.ended_at,
            money_facts(row.amount_fen, row.ended_at, step=step.value),
        )
        for row in rows
    ]


async def _lots(at: int) -> list[Fact]:
    return [
        Fact(
            Template.LOT,
            f"lot:{one.remaining.lot.id}",
            one.holder_id,
            at,
            money_facts(one.remaining.left_fen, one.remaining.lot.refundable_until),
        )
        for one in await lots_passing(at, LOT_DAYS)
    ]
