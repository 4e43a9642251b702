from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.card import Card
from backend.domain.guardian import Look, Sees, shows, what_is_seen
from backend.tables.account import AccountRow
from backend.tables.card_changes import card_of
from backend.tables.cardholder import CardholderRow, TallyRow
from backend.tables.guardian import GuardianshipRow
from backend.tables.guardians import newest_card, note_look
from campus_code import RulesBundle, business_day


@dataclass(frozen=True, slots=True)
class ChildView:
    """A cardholder for a guardian's eyes. Money in fen, None where it is not shared."""

    holder_id: int
    name: str
    class_id: int
    department: str
    is_adult: bool
    sees: Sees
    card: Card | None
    balance_fen: int | None
    spent_fen: int | None


async def list_children(actor: Actor, *, rules: RulesBundle, at: int) -> list[ChildView]:
    """Whom a guardian looks after, in the order they were bound; each can see that he looked."""
    ties = await GuardianshipRow.filter(guardian_id=actor.id, ended_at=None).order_by("id")
    children = []
    for tie in ties:
        holder = await CardholderRow.get(id=tie.holder_id)
        await note_look(actor.id, holder.id, Look.CARD, at)
        children.append(await _child(holder, tie.sees, business_day(at, rules)))
    return children


async def _child(holder: CardholderRow, chosen: str, today: int) -> ChildView:
    sees = what_is_seen(chosen, is_adult=holder.is_adult)
    row = await newest_card(holder.id)
    balance_fen = spent_fen = None
    if shows(sees, Sees.BALANCE):
        purses = await AccountRow.filter(holder_id=holder.id)
        tally = await TallyRow.get_or_none(holder_id=holder.id)
        balance_fen = sum(purse.balance_fen for purse in purses)
        is_today = tally is not None and tally.business_on == today
        spent_fen = tally.day_fen if tally is not None and is_today else 0
    return ChildView(
        holder_id=holder.id,
        name=holder.name,
        class_id=holder.class_id,
        department=holder.department,
        is_adult=holder.is_adult,
        sees=sees,
        card=None if row is None else card_of(row),
        balance_fen=balance_fen,
        spent_fen=spent_fen,
    )
