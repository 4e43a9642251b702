"""The worker's job of sending messages, for a server that has no worker."""

from __future__ import annotations

from collections.abc import Mapping

from backend.domain.message import Channel, Delivery
from backend.usecases.messages.send_messages import Sending, send_messages
from backend.usecases.ports import Carrier
from tests.rig.office import Office

OFFSET = 8 * 3600


def sending(office: Office, carriers: Mapping[Channel, Carrier] | None = None) -> Sending:
    """What messages are sent with; `bytes` gives zeros: no chance lengthens a pause."""
    parts = office.parts
    return Sending(
        wechat=parts.wechat,
        vault=parts.vault,
        randomness=bytes,
        clock=office.clock,
        utc_offset_seconds=OFFSET,
        school="示范大学",
        carriers=carriers or {},
    )


async def send_all(
    office: Office, carriers: Mapping[Channel, Carrier] | None = None
) -> dict[Delivery, int]:
    """Send what is due; what did not happen is left out."""
    ended = await send_messages(sending(office, carriers))
    return {delivery: count for delivery, count in ended.items() if count}
