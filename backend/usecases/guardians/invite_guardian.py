from __future__ import annotations

from dataclasses import dataclass, field

from backend.domain.access import Actor, Audience
from backend.domain.guardian import require_adult, require_minor
from backend.domain.tokens import BINDING_CODE_LENGTH, binding_code
from backend.tables.database import transaction
from backend.tables.guardians import add_code, lock_holder
from backend.tables.retrying import retried
from backend.usecases.ports import Randomness


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code to hand out, shown once; `expires_at` is Unix seconds."""

    code: str = field(repr=False)
    expires_at: int


@retried
async def invite_guardian(
    holder_id: int, *, actor: Actor, at: int, randomness: Randomness
) -> Invitation:
    """Make the one live guardian code of a holder: an adult his own, the office a minor's.

    Raises:
        ForbiddenError: a minor invites, or the office for an adult. NotFoundError: no such holder.

    """
    code = binding_code(randomness(BINDING_CODE_LENGTH))
    async with transaction():
        holder = await lock_holder(holder_id)
        if actor.audience is Audience.STUDENT:
            require_adult(is_adult=holder.is_adult)
        else:
            require_minor(is_adult=holder.is_adult)
        expires_at = await add_code(holder_id, code, actor.label, at)
    return Invitation(code, expires_at)
