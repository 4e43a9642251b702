from __future__ import annotations

from dataclasses import dataclass, field

from backend.domain.access import Audience
from backend.domain.errors import NotFoundError
from backend.domain.times import utc
from backend.domain.tokens import TOKEN_BYTES, session_token
from backend.tables.card import CardRow, PhoneRow
from backend.tables.card_changes import lock_card
from backend.tables.database import transaction
from backend.tables.phones import open_phone_session
from backend.tables.retrying import retried
from backend.tables.staff import SessionRow
from backend.tables.wechat_accounts import find_account
from backend.usecases.ports import Randomness, Wechat


@dataclass(frozen=True, slots=True)
class PhoneLogin:
    """A new session of a phone that was bound before; `expires_at` is Unix seconds."""

    session: str = field(repr=False)
    expires_at: int
    card_number: str
    issue: int


async def log_in_phone(
    login_code: str, *, wechat: Wechat, at: int, randomness: Randomness
) -> PhoneLogin:
    """Open a session for the phone that this WeChat account bound and that is still bound.

    A phone has one session: those before it end.

    Raises:
        NotFoundError: no phone is bound by this account. And what `Wechat.openid_of` raises.

    """
    openid = await wechat.openid_of(login_code)
    wechat_id = await find_account(openid)
    if wechat_id is None:
        raise _not_bound()
    return await _open(wechat_id, at, session_token(randomness(TOKEN_BYTES)))


@retried
async def _open(wechat_id: int, at: int, token: str) -> PhoneLogin:
    phone = await PhoneRow.filter(wechat_id=wechat_id, unbound_at=None).order_by("-id").first()
    if phone is None:
        raise _not_bound()
    async with transaction():
        row, card = await lock_card(phone.card_id)
        if not await PhoneRow.exists(id=phone.id, unbound_at=None):
            raise _not_bound()  # another phone was bound in this moment
        older = SessionRow.filter(audience=Audience.STUDENT, phone_id=phone.id, ended_at=None)
        await older.update(ended_at=utc(at))
        expires_at = await open_phone_session(phone.id, card.id, token, at)
    return _login(row, token, expires_at)


def _login(row: CardRow, token: str, expires_at: int) -> PhoneLogin:
    return PhoneLogin(token, expires_at, row.number, row.issue)


def _not_bound() -> NotFoundError:
    return NotFoundError(
        "not_bound",
        zh="这个微信号还没有绑定校园卡。",
        en="No card is bound to this WeChat account yet.",
    )
