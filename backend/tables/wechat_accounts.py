"""WeChat accounts by their openids."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.tables.wechat import WechatRow


async def find_account(openid: str) -> int | None:
    """The id of an account, None when it never came."""
    row = await WechatRow.get_or_none(openid_hash=token_hash(openid))
    return None if row is None else row.id


async def keep_account(openid: str, sealed_openid: str, at: int) -> int:
    """The id of an account, which is kept when it is new; outside a transaction.

    An account by itself is nobody, so it does no harm when what follows fails.
    """
    found = await find_account(openid)
    if found is not None:
        return found
    try:
        row = await WechatRow.create(
            openid_hash=token_hash(openid), sealed_openid=sealed_openid, first_seen_at=utc(at)
        )
    except IntegrityError:  # somebody else kept it in this moment
        row = await WechatRow.get(openid_hash=token_hash(openid))
    account_id: int = row.id
    return account_id
