from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.message import CONFIRM, Delivery
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.message import OutboxRow
from backend.tables.outbox import way_for
from backend.tables.retrying import retried


@retried
async def retry_dead_letter(message_id: int, *, actor: Actor, at: int) -> OutboxRow:
    """Let a message that was given up be tried again, by the first way that stands open now.

    Raises:
        NotFoundError: no such message. ConflictError: it is not a dead letter, or nobody wants it
            any more.

    """
    async with transaction():
        row = await OutboxRow.select_for_update().get_or_none(id=message_id)
        if row is None:
            raise NotFoundError("unknown_message", zh="没有这条消息。", en="No such message.")
        if row.state != Delivery.DROPPED:
            raise ConflictError("not_dead", zh="这条消息没有失败。", en="It has not failed.")
        channel = None if row.template == CONFIRM else await way_for(row)
        if channel is None:
            raise ConflictError(
                "nobody_agreed", zh="收件人已不再订阅。", en="Nobody wants it any more."
            )
        row.channel, row.state = channel.value, Delivery.WAITING
        row.tries, row.fault, row.due_at, row.done_at = 0, "", at, 0
        await row.save()
        detail = {"topic": row.topic, "channel": row.channel}
        await note(actor.label, "messages.retry", f"message:{row.id}", at, **detail)
    return row
