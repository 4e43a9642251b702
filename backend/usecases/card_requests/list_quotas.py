"""The quotas of offices, and what of today's is used."""

from __future__ import annotations

from dataclasses import dataclass

from tortoise.functions import Count

from backend.domain.card_request import Decision
from backend.tables.card_request import CardQuotaRow, CardRequestRow
from campus_code import RulesBundle, business_day


@dataclass(frozen=True, slots=True)
class Quota:
    """An office's cards a day, and how many it asked for today."""

    office: str
    cards_a_day: int
    used: int
    set_by: str
    set_at: int


async def list_quotas(rules: RulesBundle, at: int) -> list[Quota]:
    """Every office that has one, by name."""
    counted = (
        await CardRequestRow.filter(asked_on=business_day(at, rules))
        .exclude(decision=Decision.REJECTED.value)
        .annotate(used=Count("id"))
        .group_by("office")
        .values("office", "used")
    )
    used = {str(one["office"]): int(one["used"]) for one in counted}
    return [
        Quota(row.office, row.cards_a_day, used.get(row.office, 0), row.set_by, row.set_at)
        for row in await CardQuotaRow.all().order_by("office")
    ]
