"""Which of some holders' business days cost more than an amount, whenever it was paid."""

from __future__ import annotations

from collections.abc import Collection

from backend.tables.cardholder import TallyRow
from backend.tables.spending import read_days


async def days_over(days: Collection[tuple[int, int]], over_fen: int) -> dict[tuple[int, int], int]:
    """Those of (holder, YYYYMMDD) that cost more than `over_fen`, with what they cost by now.

    The tally knows the newest day of each holder; only an older one (a record that arrived late)
    and one that comes near are added up.
    """
    holder_ids = {holder_id for holder_id, _ in days}
    tallies = {row.holder_id: row for row in await TallyRow.filter(holder_id__in=list(holder_ids))}
    near = []
    for holder_id, business_on in days:
        tally = tallies.get(holder_id)
        is_newest = tally is not None and tally.business_on == business_on
        if not is_newest or (tally is not None and tally.day_fen > over_fen):
            near.append((holder_id, business_on))
    if not near:
        return {}
    on = [business_on for _, business_on in near]
    spent = await read_days(sorted({holder_id for holder_id, _ in near}), min(on), max(on))
    return {
        (holder_id, business_on): fen
        for holder_id, business_on in near
        if (fen := spent[holder_id].get(business_on, 0)) > over_fen
    }
