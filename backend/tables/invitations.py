"""Invitations: made by a holder or his guardian, found by the hash of their token alone."""

from __future__ import annotations

from backend.domain.invitation import Invitation, InvitationState, unknown_invitation
from backend.domain.tokens import TOKEN_LENGTH, token_hash
from backend.domain.top_up import TopUpState
from backend.tables.top_up import InvitationRow, TopUpRow
from backend.tables.top_ups import NO_PURSE


async def invitation_by(token: str) -> InvitationRow:
    """The row of a token. Raises NotFoundError, with the same words for every wrong one."""
    row = None
    if len(token) == TOKEN_LENGTH:
        row = await InvitationRow.get_or_none(token_hash=token_hash(token))
    if row is None:
        raise unknown_invitation()
    return row


async def value_of(row: InvitationRow) -> Invitation:
    """The domain value of a row, with whether its order was paid."""
    order = await TopUpRow.get_or_none(id=row.top_up_id) if row.top_up_id else None
    is_kept = order is not None and order.held_because == NO_PURSE
    return Invitation(
        amount_fen_max=row.amount_fen_max,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        is_paid=order is not None and (order.state == TopUpState.PAID or is_kept),
    )


async def count_open(holder_id: int, at: int) -> int:
    """How many of a holder's invitations may still be paid."""
    standing = InvitationRow.filter(holder_id=holder_id, ended_at=0, expires_at__gt=at)
    states = [(await value_of(row)).state(at) for row in await standing]
    return states.count(InvitationState.OPEN)
