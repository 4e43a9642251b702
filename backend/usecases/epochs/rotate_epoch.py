"""Replace the key epochs at once, because a terminal was stolen."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.epoch import EPOCH_OVERLAP_SECONDS_MAX, replacing_spans
from backend.domain.errors import InvalidInputError
from backend.domain.times import utc
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.holdings import lock_spans
from backend.tables.school import EpochKeyRow
from backend.tables.versions import KEYRING, next_version
from backend.usecases.key_board import make_epoch
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
    if not 0 <= overlap_seconds <= EPOCH_OVERLAP_SECONDS_MAX:
        raise InvalidInputError("overlap_seconds", f"must be 0 to {EPOCH_OVERLAP_SECONDS_MAX}")
    retired_at = int(at) + overlap_seconds
    async with transaction():
        await next_version(KEYRING)
        spans = await lock_spans()
        replacing = replacing_spans(spans, int(at))
        for span in spans:
            ends_at = span.until_at_terminals()
            if ends_at > at:  # what has ended is left as it ended
                await EpochKeyRow.filter(epoch=span.epoch).update(
                    retired_at=utc(min(ends_at, retired_at))
                )
        for span in replacing:
            await make_epoch(span, vault, randomness, at)
        numbers = [span.epoch for span in replacing]
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
