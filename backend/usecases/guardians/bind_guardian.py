from __future__ import annotations

from backend.domain.errors import UnauthenticatedError
from backend.domain.guardian import read_name, require_consent
from backend.domain.times import utc
from backend.domain.tokens import TOKEN_BYTES, read_binding_code, session_token, token_hash
from backend.tables.database import transaction
from backend.tables.guardian import GuardianCodeRow
from backend.tables.guardians import GuardianSession, guardian_of, lock_holder, open_session, tie
from backend.tables.retrying import retried
from backend.usecases.ports import Randomness


@retried
async def bind_guardian(
    code: str, name: str, wechat_id: int, *, at: int, randomness: Randomness
) -> GuardianSession:
    """Redeem a guardian code: the WeChat account's owner looks after one more cardholder.

    Raises:
        UnauthenticatedError: unknown, used or expired code, always with the same words.
        InvalidInputError: the name. ConflictError: enough guardians, or enough children.
        ForbiddenError: the office made the code for a minor who is of age by now.

    """
    name = read_name(name)
    token = session_token(randomness(TOKEN_BYTES))
    found = await GuardianCodeRow.get_or_none(code_hash=token_hash(read_binding_code(code)))
    if found is None:
        raise _wrong_code()
    async with transaction():
        holder = await lock_holder(found.holder_id)
        row = await GuardianCodeRow.select_for_update().get(id=found.id)
        if row.used_at is not None or row.expires_at <= utc(at):
            raise _wrong_code()
        require_consent(row.made_by, is_adult=holder.is_adult)
        await GuardianCodeRow.filter(id=row.id).update(used_at=utc(at))
        guardian_id = await guardian_of(wechat_id, at)
        await tie(guardian_id, row.holder_id, name, at)
        return await open_session(guardian_id, token, at)


def _wrong_code() -> UnauthenticatedError:
    return UnauthenticatedError(
        "wrong_guardian_code",
        zh="家长码不正确或已失效",
        en="The guardian code is wrong or no longer valid",
    )
