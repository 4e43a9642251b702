"""How an amount is split over a holder's purses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

CASH: Final = "cash"


def split_amount(
    charged_fen: int, purse_order: Sequence[str], balances: Mapping[str, int], floor_fen: int
) -> tuple[tuple[tuple[str, int], ...], int]:
    """
    Which purse pays how much, in order, and what is still missing (fen).

    The cash purse keeps its floor; a purse that pays nothing is left out.
    """
    parts = []
    missing_fen = charged_fen
    for purse in purse_order:
        kept_fen = floor_fen if purse == CASH else 0
        part_fen = min(missing_fen, max(balances.get(purse, 0) - kept_fen, 0))
        if part_fen > 0:
            parts.append((purse, part_fen))
            missing_fen -= part_fen
    return tuple(parts), missing_fen
