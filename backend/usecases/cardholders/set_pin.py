from __future__ import annotations

import asyncio

from backend.domain.access import Actor
from backend.domain.card import unknown_cardholder
from backend.domain.password import SALT_BYTES, hash_password, require_pin
from backend.domain.pin import pin_context
from backend.tables.audit import because, note
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.usecases.ports import Randomness, Vault


async def set_pin(
    holder_id: int,
    pin: str,
    *,
    actor: Actor,
    at: int,
    randomness: Randomness,
    vault: Vault,
    reason: str = "",
) -> None:
    """Give a holder a new PIN and forget the wrong ones; frozen cards are lifted apart from it."""
    require_pin(pin)
    hashed = await asyncio.to_thread(hash_password, pin, randomness(SALT_BYTES))
    sealed = vault.seal(hashed.encode(), pin_context(holder_id))
    async with transaction():
        changed = await CardholderRow.filter(id=holder_id).update(pin_hash=sealed, pin_failures=0)
        if not changed and not await CardholderRow.exists(id=holder_id):
            raise unknown_cardholder()
        await note(
            actor.label, "cardholders.set_pin", f"cardholder:{holder_id}", at, **because(reason)
        )
