from __future__ import annotations

from backend.domain.holder_limit import LimitsView
from backend.tables.holder_limits import limits_of


async def read_own_limits(holder_id: int) -> LimitsView:
    """What a holder's guardians limit, and who set it; nothing for an adult."""
    return await limits_of(holder_id)
