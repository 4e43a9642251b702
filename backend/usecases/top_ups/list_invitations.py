from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.domain.invitation import InvitationState
from backend.tables.invitations import value_of
from backend.tables.top_up import InvitationRow
from backend.tables.top_up_orders import Payer

LINES_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class InvitationView:
    """One invitation; its token is not known any more."""

    invitation_id: int
    amount_fen_max: int
    made_at: int
    expires_at: int
    state: InvitationState


async def list_invitations(payer: Payer, *, at: int) -> list[InvitationView]:
    """The holder's newest invitations, or the ones this guardian made where not all is shared."""
    made = InvitationRow.filter(holder_id=payer.holder_id)
    if not payer.sees_all:
        made = made.filter(made_by=payer.label)
    return [
        InvitationView(
            invitation_id=row.id,
            amount_fen_max=row.amount_fen_max,
            made_at=row.made_at,
            expires_at=row.expires_at,
            state=(await value_of(row)).state(at),
        )
        for row in await made.order_by("-id").limit(LINES_MAX)
    ]
