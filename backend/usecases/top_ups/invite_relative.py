from __future__ import annotations

from dataclasses import dataclass, field

from backend.domain.invitation import DAY_SECONDS, read_days, require_few
from backend.domain.tokens import TOKEN_BYTES, session_token, token_hash
from backend.domain.top_up import read_amount
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.guardians import lock_holder
from backend.tables.invitations import count_open
from backend.tables.retrying import retried
from backend.tables.top_up import InvitationRow
from backend.tables.top_up_orders import Payer
from backend.usecases.order_desk import OrderDesk


@dataclass(frozen=True, slots=True)
class InvitationMade:
    """A new invitation; the token is shown once."""

    invitation_id: int
    token: str = field(repr=False)
    expires_at: int


@retried
async def invite_relative(
    amount_fen_max: int, days: int, payer: Payer, desk: OrderDesk
) -> InvitationMade:
    """Make an address with which somebody may pay once into the holder's purse.

    Raises:
        InvalidInputError: an amount or a number of days that is not allowed.
        ConflictError: too many stand. WechatPayOffError: no merchant number.

    """
    _ = desk.account
    read_amount(amount_fen_max, desk.amount_fen_max)
    at, token = desk.at, session_token(desk.randomness(TOKEN_BYTES))
    expires_at = at + read_days(days) * DAY_SECONDS
    async with transaction():
        await lock_holder(payer.holder_id)
        require_few(await count_open(payer.holder_id, at))
        row = await InvitationRow.create(
            token_hash=token_hash(token),
            holder_id=payer.holder_id,
            made_by=payer.label,
            amount_fen_max=amount_fen_max,
            made_at=at,
            expires_at=expires_at,
        )
        subject = f"cardholder:{payer.holder_id}"
        await note(payer.label, "top_ups.invite", subject, at, amount_fen_max=amount_fen_max)
    return InvitationMade(row.id, token, expires_at)
