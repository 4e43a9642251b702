from __future__ import annotations

from backend.domain.access import Actor, Audience
from backend.domain.by_two import two_people
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.login import TOTP_SECRET_BYTES, otpauth_uri, totp_context
from backend.tables.audit import note
from backend.tables.bindings import end_sessions
from backend.tables.database import transaction
from backend.tables.factor import FactorResetRow
from backend.tables.recovery import replace_recovery
from backend.tables.retrying import retried
from backend.tables.staff import StaffRow
from backend.usecases.ports import Randomness, Vault


@retried
async def decide_factor_reset(
    reset_id: int,
    *,
    is_approved: bool,
    actor: Actor,
    at: int,
    randomness: Randomness,
    vault: Vault,
    school: str,
) -> str:
    """Give somebody a new second factor, or not; its URI is told this once ("": refused).

    With the old factor end his sessions and his recovery codes, and a lock by wrong logins.

    Raises:
        NotFoundError: no such request.
        ForbiddenError: the asker himself, or whom it is for; the database refuses that too.
        ConflictError: it was decided before.

    """
    secret = randomness(TOTP_SECRET_BYTES)
    async with transaction():
        reset = await FactorResetRow.select_for_update().get_or_none(id=reset_id)
        if reset is None:
            raise NotFoundError(
                "unknown_request", zh="没有这个申请。", en="There is no such request."
            )
        if actor.label in (reset.asked_by, reset.for_whom):
            raise two_people()
        if reset.decision:
            raise ConflictError("decided_already", zh="已经作出决定。", en="This was decided.")
        reset.decision = "approved" if is_approved else "rejected"
        reset.decided_by, reset.decided_at = actor.label, at
        await reset.save(update_fields=["decision", "decided_by", "decided_at"])
        row = await StaffRow.select_for_update().get(id=reset.staff_id)
        if is_approved:
            sealed = vault.seal(secret, totp_context(row.login))
            await StaffRow.filter(id=row.id).update(
                totp_secret=sealed, last_totp_step=0, failures=0, locked_until=0
            )
            await end_sessions(Audience.STAFF, row.id, at)
            await replace_recovery(row.id, (), at)
        verb = "staff.approve_reset" if is_approved else "staff.reject_reset"
        await note(actor.label, verb, f"staff:{row.id}", at)
    return otpauth_uri(secret, row.login, school) if is_approved else ""
