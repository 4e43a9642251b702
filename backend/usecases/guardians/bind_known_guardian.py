from __future__ import annotations

from backend.domain.errors import NotFoundError
from backend.domain.guardian import ContactKind, read_name
from backend.domain.tokens import TOKEN_BYTES, session_token
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.guardian import ContactRow
from backend.tables.guardians import GuardianSession, guardian_of, lock_holder, open_session, tie
from backend.tables.retrying import retried
from backend.usecases.ports import Randomness


@retried
async def bind_known_guardian(
    phone_hash: str, name: str, wechat_id: int, *, at: int, randomness: Randomness
) -> GuardianSession:
    """Make the owner of a number the school has a guardian of all minors it has it for.

    An adult is left out: nobody but himself invites his guardians.

    Raises:
        NotFoundError: no minor has this number as a guardian's. InvalidInputError: the name.

    """
    name = read_name(name)
    token = session_token(randomness(TOKEN_BYTES))
    contacts = await ContactRow.filter(phone_hash=phone_hash, kind=ContactKind.GUARDIAN)
    holder_ids = {contact.holder_id for contact in contacts}
    async with transaction():
        minors = []
        for holder_id in sorted(holder_ids):
            holder: CardholderRow = await lock_holder(holder_id)
            if holder.is_active and not holder.is_adult:
                minors.append(holder_id)
        if not minors:
            raise _unknown_phone()
        guardian_id = await guardian_of(wechat_id, at)
        for holder_id in minors:
            await tie(guardian_id, holder_id, name, at)
        return await open_session(guardian_id, token, at)


def _unknown_phone() -> NotFoundError:
    return NotFoundError(
        "unknown_phone",
        zh="学校没有登记这个手机号；成年学生须由本人邀请家长。",
        en="The school does not have this number; adult students invite guardians themselves.",
    )
