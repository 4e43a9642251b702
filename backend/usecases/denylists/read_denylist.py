"""Whether terminals believe the denylist, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from backend.tables.card import CardRow
from backend.tables.holdings import confirmed_denylist, denied_most, is_growth_meant
from backend.tables.versions import DENYLIST, counter


@dataclass(frozen=True, slots=True)
class DenylistStanding:
    """`denied_most`: cards the worst day denied since the confirmed version."""

    version: int
    confirmed_version: int
    denied_most: int
    cards: int
    is_meant: bool


async def read_denylist() -> DenylistStanding:
    """Where the denylist stands now."""
    version = await counter(DENYLIST)
    confirmed = await confirmed_denylist(version)
    return DenylistStanding(
        version,
        confirmed,
        await denied_most(confirmed, version),
        await CardRow.all().count(),
        await is_growth_meant(confirmed, version),
    )
