from __future__ import annotations

from backend.tables.audit import note


async def note_throttled(address: str, at: int) -> None:
    """Leave a line that an address tries to log in too often: once in a window, never a login."""
    await note("nobody", "staff.throttled", f"address:{address}", at)
