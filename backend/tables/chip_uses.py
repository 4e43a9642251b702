"""Payments by chip, found in the books afterwards: no payment waits for who looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.domain.chip_travel import ChipUse
from backend.domain.place import PlaceKind
from backend.tables import sql
from backend.tables.lanes import rows_of
from campus_code import CredentialKind, Refusal

NOT_HIS = (Refusal.WRONG_CHIP, Refusal.UNKNOWN_CARD, Refusal.REPLACED_CREDENTIAL)
"""Reasons of records that name a chip which was not the card's."""
_HOUSE = (
    f"CASE WHEN w.kind='{PlaceKind.WINDOW.value}' THEN w.parent_id"
    f" WHEN w.kind='{PlaceKind.CANTEEN.value}' THEN w.id ELSE 0 END"
)
_COLUMNS = (
    "p.id,p.card_id,p.holder_id,p.business_on,p.terminal_id,t.group_id,p.occurred_at,"
    f"{_HOUSE} AS house_id"
)
_JOINED = (
    "payment p JOIN terminal t ON t.id=p.terminal_id JOIN merchant m ON m.id=p.merchant_id"
    " LEFT JOIN place w ON w.id=m.place_id"
)
_BY_CHIP = (
    f"p.credential='{CredentialKind.CARD.value}' AND p.reason NOT IN "
    f"({sql.words([one.value for one in NOT_HIS])})"
)


async def uses_near(after_id: int, through_id: int) -> list[ChipUse]:
    """Payments by chip in a part of a lane, and all others of these holders on the same days."""
    inside = f"p.id>{int(after_id)} AND p.id<={int(through_id)} AND {_BY_CHIP}"
    fresh = await rows_of(sql.select(_COLUMNS, _JOINED, inside))
    if not fresh:
        return []
    days = {(row["holder_id"], row["business_on"]) for row in fresh}
    whose = " OR ".join(
        f"(p.holder_id={int(holder_id)} AND p.business_on={int(on)})" for holder_id, on in days
    )
    return _uses(await rows_of(sql.select(_COLUMNS, _JOINED, f"({whose}) AND {_BY_CHIP}")))


def _uses(rows: Sequence[dict[str, Any]]) -> list[ChipUse]:
    names = ("id", "card_id", "terminal_id", "group_id", "occurred_at", "house_id")
    return [ChipUse(*(row[name] for name in names)) for row in rows]
