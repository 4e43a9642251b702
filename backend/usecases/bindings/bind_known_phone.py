from __future__ import annotations

from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.guardian import ContactKind
from backend.domain.tokens import TOKEN_BYTES, session_token
from backend.tables.card_changes import lock_card
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.guardian import ContactRow
from backend.tables.guardians import newest_card
from backend.tables.phones import Bound, Keyrings, bind_new_phone, require_few_phones
from backend.tables.retrying import retried
from backend.usecases.ports import Bus, Randomness
from campus_code.directory import CardState


@retried
async def bind_known_phone(
    phone_hash: str,
    wechat_id: int,
    keys: Keyrings,
    *,
    at: int,
    randomness: Randomness,
    bus: Bus,
) -> Bound:
    """Bind the phone whose number the school has for one cardholder, to the card he uses.

    A lost card is not brought back this way: whoever found the phone has its number.

    Raises:
        NotFoundError: the school does not have the number.
        ConflictError: several cardholders have it, no card is open, or it is lost.

    """
    token = session_token(randomness(TOKEN_BYTES))
    holder_id = await _holder_with(phone_hash)
    newest = await newest_card(holder_id)
    if newest is None:
        raise ConflictError("no_card", zh="您还没有校园卡", en="You have no card yet")
    async with transaction():
        row, card = await lock_card(newest.id)
        if card.state is CardState.LOST:
            raise ConflictError(
                "card_lost",
                zh="卡片已挂失，须到卡务中心领取绑定码",
                en="The card is reported lost; the card office hands out a binding code",
            )
        await require_few_phones(card.id, at)
        bound, change = await bind_new_phone(row, card, token, keys, at, wechat_id=wechat_id)
    for topic, payload in change.wakeups().items():
        await bus.publish(topic, payload)
    return bound


async def _holder_with(phone_hash: str) -> int:
    contacts = await ContactRow.filter(phone_hash=phone_hash, kind=ContactKind.SELF)
    holders = await CardholderRow.filter(
        id__in={contact.holder_id for contact in contacts}, is_active=True
    )
    if not holders:
        raise NotFoundError(
            "unknown_phone",
            zh="学校没有登记这个手机号，请使用绑定码。",
            en="The school does not have this phone number; please use a binding code.",
        )
    if len(holders) > 1:
        raise ConflictError(
            "several_cardholders",
            zh="多位持卡人登记了这个手机号，请使用绑定码。",
            en="Several cardholders have this phone number; please use a binding code.",
        )
    holder_id: int = holders[0].id
    return holder_id
