"""Noting messages for those who agreed to get them; each uses an acceptance up.

Called under the card's lock, so that an acceptance is used once.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.domain.message import Template, freeze_facts
from backend.tables.wechat import AcceptanceRow, OutboxRow
from campus_code.directory import CardState


async def note_message(
    acceptance: AcceptanceRow, topic: str, facts: Mapping[str, str], at: int
) -> None:
    """Note one message and use the acceptance up, in the transaction of what it tells about."""
    await AcceptanceRow.filter(id=acceptance.id).delete()
    await OutboxRow.create(
        topic=topic,
        wechat_id=acceptance.wechat_id,
        template=acceptance.template,
        body=dict(facts),
        made_at=at,
        due_at=at,
    )


async def note_freeze(card_id: int, state: CardState, denylist_version: int, at: int) -> None:
    """Tell every account that agreed, once, that the card is frozen or lost."""
    told: set[int] = set()
    agreed = AcceptanceRow.filter(card_id=card_id, template=Template.FREEZE)
    for acceptance in await agreed.order_by("id"):
        if acceptance.wechat_id not in told:
            told.add(acceptance.wechat_id)
            topic = f"freeze:{denylist_version}"
            await note_message(acceptance, topic, freeze_facts(state, at), at)


async def paid_since() -> list[int]:
    """The cards whose holders paid something since they agreed to be told."""
    connection = AcceptanceRow._meta.db  # noqa: SLF001 - a join that Tortoise has no words for
    rows = await connection.execute_query_dict(
        "SELECT DISTINCT acceptance.card_id AS card_id FROM acceptance"  # noqa: S608 - constants
        " JOIN card ON card.id = acceptance.card_id"
        " JOIN tally ON tally.holder_id = card.holder_id"
        f" WHERE acceptance.template = '{Template.PAYMENT.value}'"
        " AND tally.last_at > acceptance.accepted_at"
    )
    return sorted(int(row["card_id"]) for row in rows)
