"""Have the key epochs of this week and the next ready."""

from __future__ import annotations

from backend.domain.epoch import missing_spans
from backend.tables.database import transaction
from backend.tables.holdings import lock_spans, span_of
from backend.tables.school import EpochKeyRow
from backend.tables.versions import KEYRING, next_version
from backend.usecases.key_board import make_epoch
from backend.usecases.ports import Bus, Randomness, Vault


async def open_epochs(vault: Vault, randomness: Randomness, at: float, bus: Bus) -> list[int]:
    """Open what is missing and answer the numbers; safe to call at any time, from anywhere."""
    if not missing_spans([span_of(row) for row in await EpochKeyRow.all()], int(at)):
        return []
    async with transaction():
        await next_version(KEYRING)  # orders two that found the same missing
        missing = missing_spans(await lock_spans(), int(at))
        for span in missing:
            await make_epoch(span, vault, randomness, at)
    opened = [span.epoch for span in missing]
    await bus.publish("keyring", {"epochs": opened})
    return opened
