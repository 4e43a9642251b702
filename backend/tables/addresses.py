"""The addresses of holders and guardians for letters."""

from __future__ import annotations

from backend.domain.access import Actor, Audience
from backend.domain.errors import NotFoundError
from backend.domain.message import CONFIRM, Channel
from backend.tables.message import AddressRow, OutboxRow


def owner_of(actor: Actor) -> dict[str, int]:
    """Whose addresses somebody may see and change: his own, as columns of the row."""
    if actor.audience is Audience.GUARDIAN:
        return {"holder_id": 0, "guardian_id": actor.id}
    return {"holder_id": actor.holder_id or 0, "guardian_id": 0}


async def address_for(row: OutboxRow, channel: Channel) -> AddressRow | None:
    """Where a message goes by this channel; None: nowhere, or not any more.

    Only the code that proves an address goes to one that is not proven yet.
    """
    owner = {"holder_id": 0 if row.guardian_id else row.holder_id, "guardian_id": row.guardian_id}
    address = await AddressRow.get_or_none(channel=channel.value, **owner)
    if address is None or address.failed_at:
        return None
    if row.template != CONFIRM and not address.agreed_at:
        return None
    return address


async def addresses_of(actor: Actor) -> list[AddressRow]:
    """What somebody left."""
    return await AddressRow.filter(**owner_of(actor)).order_by("channel")


async def lock_address(actor: Actor, channel: Channel) -> AddressRow | None:
    """Somebody's address of a channel, locked for this transaction."""
    mine = AddressRow.select_for_update().filter(channel=channel.value, **owner_of(actor))
    return await mine.first()


def unknown_address() -> NotFoundError:
    """The answer when there is none."""
    return NotFoundError("unknown_address", zh="没有登记这个地址。", en="No such address.")
