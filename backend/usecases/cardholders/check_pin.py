from __future__ import annotations

import asyncio

from backend.domain.card import PIN_LOCK, Part, freeze
from backend.domain.password import is_password
from backend.domain.pin import PIN_FAILURES_MAX, PinLockedError, pin_context
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of, record_change
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.usecases.ports import Bus, Vault
from campus_code import CardState


@retried
async def check_pin(holder_id: int, pin: str, *, at: int, vault: Vault, bus: Bus) -> bool:
    """Whether `pin` is the holder's; False too when he has none.

    The hash is computed in a thread and outside the transaction, then counted under the row's
    lock: guesses made at once are counted one by one, and none past the limit is answered.

    Raises:
        PinLockedError: a TooManyRequestsError, from the PIN_FAILURES_MAX-th wrong PIN on.

    """
    row = await CardholderRow.get_or_none(id=holder_id)
    if row is None or row.pin_hash is None:
        return False
    if row.pin_failures >= PIN_FAILURES_MAX:
        raise PinLockedError
    stored = vault.open(row.pin_hash, pin_context(holder_id)).decode()
    is_right = await asyncio.to_thread(is_password, pin, stored)
    wakeups: dict[str, dict[str, object]] = {}
    async with transaction():
        cards = await CardRow.select_for_update().filter(holder_id=holder_id).order_by("number")
        locked = await CardholderRow.select_for_update().get(id=holder_id)
        is_locked = locked.pin_failures >= PIN_FAILURES_MAX
        is_right = is_right and locked.pin_hash == row.pin_hash
        if not is_locked:
            failures = 0 if is_right else locked.pin_failures + 1
            if failures != locked.pin_failures:
                await CardholderRow.filter(id=holder_id).update(pin_failures=failures)
            is_locked = failures >= PIN_FAILURES_MAX
            if is_locked:
                wakeups = await _freeze_all(cards, at)
    for topic, payload in wakeups.items():
        await bus.publish(topic, payload)
    if is_locked:
        raise PinLockedError
    return is_right


async def _freeze_all(rows: list[CardRow], at: int) -> dict[str, dict[str, object]]:
    wakeups: dict[str, dict[str, object]] = {}
    for row in rows:
        if row.state == CardState.ACTIVE:
            frozen = freeze(card_of(row), frozenset({Part.MONEY}), PIN_LOCK, at)
            wakeups.update((await record_change(row, frozen, PIN_LOCK, at)).wakeups())
            await note(PIN_LOCK, "cards.freeze", f"card:{row.id}", at, parts=["money"])
    return wakeups
