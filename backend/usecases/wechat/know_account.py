from __future__ import annotations

from backend.domain.wechat import OPENID_CONTEXT
from backend.tables.wechat_accounts import keep_account
from backend.usecases.ports import Vault, Wechat


async def know_account(login_code: str, *, wechat: Wechat, vault: Vault, at: int) -> int:
    """Ask WeChat who logged in, and keep the account: its id with us.

    Raises what `Wechat.openid_of` does; nothing of ours has changed then.
    """
    openid = await wechat.openid_of(login_code)
    return await keep_account(openid, vault.seal(openid.encode(), OPENID_CONTEXT), at)
