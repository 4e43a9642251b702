from __future__ import annotations

from backend.domain.wechat import PHONE_CONTEXT
from backend.usecases.ports import Vault, Wechat


async def hash_number(phone_code: str, *, wechat: Wechat, vault: Vault) -> str:
    """Ask WeChat for a phone number, and answer what the school's contacts are compared with."""
    phone = await wechat.phone_of(phone_code)
    return vault.keyed_hash(phone.encode(), PHONE_CONTEXT)
