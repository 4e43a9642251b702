from __future__ import annotations

from backend.domain.errors import NotFoundError
from backend.domain.tokens import TOKEN_BYTES, session_token
from backend.tables.guardian import GuardianRow, GuardianshipRow
from backend.tables.guardians import GuardianSession, open_session
from backend.tables.wechat_accounts import find_account
from backend.usecases.ports import Randomness, Wechat


async def log_in_guardian(
    login_code: str, *, wechat: Wechat, at: int, randomness: Randomness
) -> GuardianSession:
    """Open a session for the guardian of this WeChat account.

    NotFoundError when nobody is looked after by it, and what `Wechat.openid_of` raises.
    """
    openid = await wechat.openid_of(login_code)
    wechat_id = await find_account(openid)
    guardian = None if wechat_id is None else await GuardianRow.get_or_none(wechat_id=wechat_id)
    if guardian is None or not await GuardianshipRow.exists(guardian_id=guardian.id, ended_at=None):
        raise NotFoundError(
            "not_bound",
            zh="这个微信号还没有绑定孩子。",
            en="No cardholder is bound to this WeChat account yet.",
        )
    token = session_token(randomness(TOKEN_BYTES))
    return await open_session(guardian.id, token, at)
