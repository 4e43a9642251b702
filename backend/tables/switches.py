"""Reading switches, and refusing what is switched off."""

from __future__ import annotations

from backend.domain.feature import Feature, Switch, is_on, switched_off
from backend.domain.place import chain_of
from backend.tables.merchant import MerchantRow
from backend.tables.places import read_places
from backend.tables.setting import SwitchRow


def switch_of(row: SwitchRow) -> Switch:
    """A row as a value."""
    return Switch(Feature(row.feature), row.place_id, row.group_id, row.is_on)


async def require_on(feature: Feature, merchant_id: int = 0, group_id: str = "") -> None:
    """Raise ForbiddenError where a feature is off: in the school, or at a merchant's terminal."""
    rows = await SwitchRow.filter(feature=feature.value)
    if not rows:
        return
    chain: tuple[int, ...] = ()
    if merchant_id and any(row.place_id for row in rows):
        merchant = await MerchantRow.get_or_none(id=merchant_id)
        place_id = 0 if merchant is None else merchant.place_id
        chain = chain_of(await read_places(), place_id)
    if not is_on(feature, [switch_of(row) for row in rows], chain, group_id):
        raise switched_off(feature)
