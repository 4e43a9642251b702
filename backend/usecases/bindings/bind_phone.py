from __future__ import annotations

from backend.domain.errors import UnauthenticatedError
from backend.domain.times import utc
from backend.domain.tokens import TOKEN_BYTES, read_binding_code, session_token, token_hash
from backend.tables.card import BindingRow
from backend.tables.card_changes import lock_card
from backend.tables.database import transaction
from backend.tables.phones import Bound, Keyrings, bind_new_phone, require_few_phones
from backend.tables.retrying import retried
from backend.usecases.ports import Bus, Randomness


@retried
async def bind_phone(
    code: str,
    keys: Keyrings,
    *,
    at: int,
    randomness: Randomness,
    bus: Bus,
    wechat_id: int | None = None,
) -> Bound:
    """Redeem a binding code: `issue` rises, older phones and their codes end, this one is in.

    `wechat_id` is the account this phone may log in by from now on.

    Raises:
        UnauthenticatedError: unknown, used or expired code, always with the same words.

    """
    code_hash = token_hash(read_binding_code(code))
    token = session_token(randomness(TOKEN_BYTES))
    now = utc(at)
    found = await BindingRow.get_or_none(code_hash=code_hash)
    if found is None:
        raise _wrong_code()
    async with transaction():
        row, card = await lock_card(found.card_id)
        binding = await BindingRow.select_for_update().get(id=found.id)
        if binding.used_at is not None or binding.expires_at <= now:
            raise _wrong_code()
        await require_few_phones(card.id, at)
        # before the older codes are voided: what is unused then is worth nothing
        await BindingRow.filter(id=binding.id).update(used_at=now)
        bound, change = await bind_new_phone(row, card, token, keys, at, wechat_id=wechat_id)
    for topic, payload in change.wakeups().items():
        await bus.publish(topic, payload)
    return bound


def _wrong_code() -> UnauthenticatedError:
    return UnauthenticatedError(
        "wrong_binding_code",
        zh="绑定码不正确或已失效",
        en="The binding code is wrong or no longer valid",
    )
