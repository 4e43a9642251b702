"""Replace the key epochs at once, because a terminal was stolen."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.usecases.key_board import replace_epochs
from backend.usecases.ports import Bus, Randomness, Vault


async def rotate_epoch(
    overlap_seconds: int,
    reason: str,
    *,
    actor: Actor,
    vault: Vault,
    randomness: Randomness,
    at: float,
    bus: Bus,
) -> list[int]:
    """Open this week's and next week's epoch under new numbers, retire all that stand.

    Phones that come online get the new secrets from now on; terminals stop taking the old epochs
    after `overlap_seconds`, so a phone that stays offline longer than that shows codes in vain.
    The server itself goes on verifying old epochs to their own end: it checks the issuer's half
    of a code, which no terminal ever held. Answers the new numbers.

    Raises:
        InvalidInputError: an overlap below 0 or above what any phone can need.

    """
    async with transaction():
        numbers = await replace_epochs(overlap_seconds, vault, randomness, at)
        await note(
            actor.label,
            "epochs.rotate",
            f"epoch:{numbers[0]}",
            int(at),
            reason=reason,
            overlap_seconds=overlap_seconds,
        )
    await bus.publish("keyring", {"epochs": numbers})
    return numbers
