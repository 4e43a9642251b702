from __future__ import annotations

from backend.tables.door_events import expire_events


async def expire_passages(at: float) -> dict[str, int]:
    """Delete passages whose time is over (`PASSAGES_KEPT_SECONDS`); how many of each kind went."""
    return await expire_events(int(at))
