from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.domain.card import unknown_card
from backend.domain.window_prices import GroupPrices, prices_for
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.merchant import MerchantRow
from backend.tables.terminal import TerminalRow
from campus_code import RulesBundle


@dataclass(frozen=True, slots=True)
class WindowsView:
    """What each kind of window costs one class of card, and by group whose windows there are."""

    groups: Sequence[GroupPrices]
    merchants: Mapping[str, Sequence[str]]


async def read_windows(card_id: int, *, rules: RulesBundle, at: int) -> WindowsView:
    """The windows with a terminal at work, and prices for the class of a card's holder."""
    card = await CardRow.get_or_none(id=card_id)
    if card is None:
        raise unknown_card()
    holder = await CardholderRow.get(id=card.holder_id)
    names = {row.id: row.name for row in await MerchantRow.filter(is_active=True)}
    terminals = await TerminalRow.filter(revoked_at=None).only("id", "group_id", "merchant_id")
    found: dict[str, set[str]] = {}
    for terminal in terminals:
        if terminal.merchant_id in names:
            found.setdefault(terminal.group_id, set()).add(names[terminal.merchant_id])
    merchants = {group_id: sorted(windows) for group_id, windows in found.items()}
    return WindowsView(prices_for(rules, holder.class_id, at), merchants)
