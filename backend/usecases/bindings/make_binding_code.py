from __future__ import annotations

from dataclasses import dataclass, field

from backend.domain.access import Actor
from backend.domain.errors import ConflictError
from backend.domain.times import utc
from backend.domain.tokens import BINDING_CODE_LENGTH, binding_code, token_hash
from backend.tables.audit import because, note
from backend.tables.bindings import void_codes
from backend.tables.card import BindingRow, CardRow
from backend.tables.card_changes import lock_card
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.usecases.ports import Randomness

BINDING_CODE_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class BindingCode:
    """A code to hand out, shown once; `expires_at` is Unix seconds."""

    code: str = field(repr=False)
    expires_at: int


@retried
async def make_binding_code(
    card_id: int, *, actor: Actor, at: int, randomness: Randomness, reason: str = ""
) -> BindingCode:
    """Make the one live binding code of a card; one handed out before is worth nothing now.

    ConflictError for a card that is closed or replaced: a lost card comes back by a new phone only
    as long as no new card stands in for it.
    """
    code = binding_code(randomness(BINDING_CODE_LENGTH))
    expires_at = at + BINDING_CODE_SECONDS
    async with transaction():
        _, card = await lock_card(card_id)
        if card.is_closed:
            raise ConflictError("card_closed", zh="卡已销户", en="The card is closed")
        if await CardRow.exists(replaces_id=card_id):
            raise ConflictError(
                "card_replaced", zh="这张卡已补办新卡", en="The card was replaced by a new one"
            )
        await void_codes(card_id, at)
        await BindingRow.create(
            card_id=card_id,
            code_hash=token_hash(code),
            created_at=utc(at),
            expires_at=utc(expires_at),
        )
        await note(
            actor.label,
            "cards.bind",
            f"card:{card_id}",
            at,
            expires_at=expires_at,
            **because(reason),
        )
    return BindingCode(code, expires_at)
