from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import InvalidInputError
from backend.domain.login import (
    RECOVERY_CODES,
    matching_totp_step,
    recovery_context,
    totp_context,
)
from backend.domain.tokens import BINDING_CODE_LENGTH, binding_code
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.recovery import replace_recovery
from backend.tables.retrying import retried
from backend.tables.staff import StaffRow
from backend.usecases.ports import Randomness, Vault


@retried
async def make_recovery_codes(
    totp: str, *, actor: Actor, at: int, randomness: Randomness, vault: Vault
) -> list[str]:
    """Ten one-time codes in the place of all earlier ones, told this once.

    The authenticator is asked for again: a session that somebody else got hold of makes none.
    InvalidInputError: the code is wrong, or was used before.
    """
    codes = [binding_code(randomness(BINDING_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    context = recovery_context(actor.id)
    hashes = [vault.keyed_hash(code.encode(), context) for code in codes]
    async with transaction():
        row = await StaffRow.select_for_update().get(id=actor.id)
        secret = vault.open(row.totp_secret, totp_context(row.login))
        step = matching_totp_step(secret, totp, at)
        if step is None or step <= row.last_totp_step:
            raise InvalidInputError("totp", "is not what the authenticator shows now")
        await StaffRow.filter(id=row.id).update(last_totp_step=step)
        await replace_recovery(row.id, hashes, at)
        await note(actor.label, "staff.make_recovery", f"staff:{row.id}", at, codes=len(codes))
    return codes
