from __future__ import annotations

from dataclasses import dataclass

from backend.domain.invitation import InvitationState, masked
from backend.domain.top_up import proposed
from backend.tables.cardholder import CardholderRow
from backend.tables.invitations import invitation_by, value_of


@dataclass(frozen=True, slots=True)
class InvitationFace:
    """What a stranger with the token is shown: no number, no full name, no balance."""

    holder_name: str
    amount_fen_max: int
    amounts_fen: tuple[int, ...]
    expires_at: int
    state: InvitationState


async def view_invitation(token: str, *, at: int) -> InvitationFace:
    """Look at an invitation. Raises NotFoundError."""
    row = await invitation_by(token)
    holder = await CardholderRow.get(id=row.holder_id)
    return InvitationFace(
        holder_name=masked(holder.name),
        amount_fen_max=row.amount_fen_max,
        amounts_fen=proposed(row.amount_fen_max),
        expires_at=row.expires_at,
        state=(await value_of(row)).state(at),
    )
