"""What a window sells at set prices: keys on the cashier's screen, or codes typed with a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from campus_code.errors import ShapeError
from campus_code.limits import (
    AMOUNT_FEN_MAX,
    NAME_LENGTH_MAX,
    require_few,
    require_int,
    require_text,
)

MENU_ITEMS_MAX: Final = 200
DISHES_MAX: Final = 50
QUANTITY_MAX: Final = 99
_CODE: Final = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One dish or article: `code` is 1 to 4 digits, as typed; `price_fen` before any discount."""

    code: str
    zh: str
    en: str
    price_fen: int

    def __post_init__(self) -> None:
        require_text("code", self.code, 4)
        if _CODE.fullmatch(self.code) is None:
            raise ShapeError("code: 1 to 4 digits are wanted")
        require_text("zh", self.zh, NAME_LENGTH_MAX)
        require_text("en", self.en, NAME_LENGTH_MAX)
        require_int("price_fen", self.price_fen, 1, AMOUNT_FEN_MAX)


class Dish(NamedTuple):
    """So many of the item with this code."""

    code: str
    quantity: int = 1


def check_menu(menu: Sequence[MenuItem]) -> None:
    """ShapeError for too many items, or a code that stands twice."""
    require_few("menu", menu, 0, MENU_ITEMS_MAX)
    if len({item.code for item in menu}) != len(menu):
        raise ShapeError("menu: a code stands twice")


def sum_of(dishes: Sequence[Dish], menu: Iterable[MenuItem]) -> int:
    """What the dishes cost together (fen); ShapeError names a code that is not on the menu."""
    require_few("dishes", dishes, 0, DISHES_MAX)
    prices = {item.code: item.price_fen for item in menu}
    total_fen = 0
    for code, quantity in dishes:
        if code not in prices:
            raise ShapeError(f"dishes: there is no {code} on the menu")
        total_fen += prices[code] * require_int("quantity", quantity, 1, QUANTITY_MAX)
    return require_int("dishes", total_fen, 0, AMOUNT_FEN_MAX)
