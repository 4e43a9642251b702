"""Have a shared key ready for every kind of chip the rules name."""

from __future__ import annotations

from backend.tables.chip import ChipKeyRow
from backend.tables.database import transaction
from backend.tables.versions import KEYRING, next_version
from backend.usecases.key_board import make_chip_key
from backend.usecases.ports import Bus, Clock, Randomness, Vault
from campus_code import ChipKind, RulesBundle


async def open_chip_kinds(
    rules: RulesBundle, *, vault: Vault, randomness: Randomness, clock: Clock, bus: Bus
) -> list[ChipKind]:
    """Make what keys are missing and answer their kinds; safe to call at any time, from anywhere.

    A key is never made anew: every chip of its kind would have to be written again.
    """
    if not await _missing(rules):
        return []
    async with transaction():
        version = await next_version(KEYRING)  # orders two that found the same missing
        missing = await _missing(rules)
        for kind in missing:
            await make_chip_key(kind, vault, randomness, clock())
    await bus.publish("keyring", {"version": version})
    return missing


async def _missing(rules: RulesBundle) -> list[ChipKind]:
    known = {row.kind for row in await ChipKeyRow.all()}
    return [one.kind for one in rules.nfc.chips if one.kind.value not in known]
