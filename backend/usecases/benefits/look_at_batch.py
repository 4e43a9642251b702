"""Look at a file of benefits before anything is kept."""

from __future__ import annotations

from collections.abc import Callable

from backend.domain.benefit import BenefitFile, BenefitPlan, plan_benefits
from backend.domain.roster import KnownHolder
from backend.tables.people import holders_by_number

NUMBERS_AT_ONCE = 500


async def look_at_batch(
    file: BenefitFile, on_progress: Callable[[int], None] = lambda _lines: None
) -> BenefitPlan:
    """Whom a file would give how much, and what is wrong with it; nothing is written."""
    known: dict[str, KnownHolder] = {}
    for first in range(0, len(file.lines), NUMBERS_AT_ONCE):
        some = file.lines[first : first + NUMBERS_AT_ONCE]
        known |= await holders_by_number([one.number for one in some])
        on_progress(len(some))
    return plan_benefits(file, known)
