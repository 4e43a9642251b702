from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backend.domain.access import Actor
from backend.domain.card import unknown_card
from backend.domain.errors import ConflictError
from backend.domain.phone import emergency_code_for, ends_of_day
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.database import transaction
from campus_code import CardState, Keyring, RulesBundle
from campus_code.days import local_date


@dataclass(frozen=True, slots=True)
class EmergencyCode:
    """The day's 16 digits; `expires_at` is the Unix second at which the day is over."""

    code: str
    on: date
    expires_at: int


async def hand_out_emergency_code(
    card_id: int, *, rules: RulesBundle, terminal_keys: Keyring, actor: Actor, at: int
) -> EmergencyCode:
    """Tell the day's code of somebody's card; the holder finds it in the trail.

    Raises:
        NotFoundError: no such card.
        ConflictError: the school has no emergency codes, or no terminal would take this one.

    """
    if not rules.emergency.payment_fen_max:
        raise ConflictError(
            "emergency_off", zh="学校没有启用应急码。", en="The school takes no emergency codes."
        )
    async with transaction():
        card = await CardRow.get_or_none(id=card_id)
        if card is None:
            raise unknown_card()
        if card.state != CardState.ACTIVE:
            raise ConflictError(
                "card_not_active",
                zh="卡片不在正常状态，应急码不会被受理。",
                en="The card is not active: no terminal would take its code.",
                state=CardState(card.state).name.lower(),
            )
        await note(actor.label, "cards.emergency", f"card:{card_id}", at)
    today = local_date(at, rules.utc_offset_seconds)
    code = emergency_code_for(terminal_keys, card.number, card.issue, today, at)
    return EmergencyCode(code, today, ends_of_day(today, rules.utc_offset_seconds))
