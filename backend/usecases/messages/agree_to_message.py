from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, UnauthenticatedError
from backend.domain.message import ACCEPTANCES_MAX, Template
from backend.tables.card import PhoneRow
from backend.tables.card_changes import lock_card
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.wechat import AcceptanceRow


@retried
async def agree_to_message(
    template: Template, *, is_accepted: bool, actor: Actor, at: int
) -> dict[Template, int]:
    """Keep that one more message may be sent; how many of each kind may be by now.

    A refusal keeps nothing: what was agreed to before stays agreed. More than ACCEPTANCES_MAX are
    not kept. ConflictError for a phone that was bound without a WeChat account.
    """
    phone = await PhoneRow.get_or_none(id=actor.phone_id)
    if phone is None:  # it was unbound in this moment
        raise UnauthenticatedError("no_session", zh="请先登录。", en="Please log in first.")
    if phone.wechat_id is None:
        raise ConflictError(
            "no_wechat",
            zh="绑定时没有使用微信登录，请重新绑定后再订阅。",
            en="This phone was bound without WeChat; bind it again to get messages.",
        )
    async with transaction():
        await lock_card(phone.card_id)
        kept = AcceptanceRow.filter(card_id=phone.card_id, wechat_id=phone.wechat_id)
        if is_accepted and await kept.filter(template=template).count() < ACCEPTANCES_MAX:
            await AcceptanceRow.create(
                card_id=phone.card_id,
                wechat_id=phone.wechat_id,
                template=template,
                accepted_at=at,
            )
        return {each: await kept.filter(template=each).count() for each in Template}
