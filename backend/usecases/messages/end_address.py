from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.message import Channel
from backend.tables.addresses import lock_address, unknown_address
from backend.tables.database import transaction
from backend.tables.retrying import retried


@retried
async def end_address(channel: Channel, *, actor: Actor) -> None:
    """Forget where somebody wanted letters. NotFoundError when there is nothing to forget."""
    async with transaction():
        row = await lock_address(actor, channel)
        if row is None:
            raise unknown_address()
        await row.delete()
