from __future__ import annotations

from backend.domain.top_up import TopUpState
from backend.tables.top_up import TopUpRow


async def read_held(after_id: int, lines_max: int) -> list[TopUpRow]:
    """Orders that wait for a person, oldest first."""
    held = TopUpRow.filter(state=TopUpState.HELD, id__gt=after_id)
    return await held.order_by("id").limit(lines_max)
