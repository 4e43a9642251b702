"""The top-ups of one person, whoever paid them."""

from __future__ import annotations

from backend.tables.top_up import TopUpRow


async def list_top_ups_of(holder_id: int, lines_max: int) -> list[TopUpRow]:
    """The newest orders, those nobody paid too."""
    return await TopUpRow.filter(holder_id=holder_id).order_by("-id").limit(lines_max)
