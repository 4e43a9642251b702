from __future__ import annotations

from backend.domain.access import Actor, Audience
from backend.domain.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from backend.domain.guardian import Look, Sees, shows, what_is_seen
from backend.tables.card import PhoneRow
from backend.tables.guardian import GuardianRow, GuardianshipRow
from backend.tables.guardians import is_adult, note_look
from backend.tables.top_up_orders import Payer


async def find_payer(actor: Actor, *, holder_id: int = 0, at: int) -> Payer:
    """Who is about to top up whose purse: a holder his own, a guardian a child's.

    A guardian leaves a line in the child's trail, as with every look.

    Raises:
        NotFoundError: no child of his. UnauthenticatedError: the phone was unbound just now.

    """
    if actor.audience is Audience.GUARDIAN:
        return await _guardian(actor, holder_id, at)
    if actor.audience is not Audience.STUDENT or actor.holder_id is None:
        raise ForbiddenError(
            "not_permitted", zh="您没有这项权限。", en="You may not do this.", who=actor.audience
        )
    phone = await PhoneRow.get_or_none(id=actor.phone_id, unbound_at=None)
    if phone is None:
        raise UnauthenticatedError("no_session", zh="请先登录。", en="Please log in first.")
    return Payer(
        actor.label, phone.wechat_id or 0, actor.holder_id, sees_balance=True, sees_all=True
    )


async def _guardian(actor: Actor, holder_id: int, at: int) -> Payer:
    tie = await GuardianshipRow.get_or_none(
        guardian_id=actor.id, holder_id=holder_id, ended_at=None
    )
    if tie is None:
        raise NotFoundError(
            "unknown_child", zh="您没有绑定这位持卡人", en="You do not look after this cardholder"
        )
    guardian = await GuardianRow.get(id=actor.id)
    sees = what_is_seen(tie.sees, is_adult=await is_adult(holder_id))
    await note_look(actor.id, holder_id, Look.CARD, at)
    return Payer(
        actor.label,
        guardian.wechat_id,
        holder_id,
        sees_balance=shows(sees, Sees.BALANCE),
        sees_all=shows(sees, Sees.ALL),
    )
