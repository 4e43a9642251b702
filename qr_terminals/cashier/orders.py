"""What a cashier does on the page, as the same orders that typed lines give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from campus_code import Dish
from qr_terminals.control import (
    AMOUNT_DIGITS_MAX,
    CASHIER_DIGITS_MAX,
    CODE_DIGITS_MAX,
    PIN_DIGITS_MAX,
    SEQUENCE_DIGITS_MAX,
    Order,
)
from qr_terminals.errors import RequestError

DISHES_MAX: Final = 50
QUANTITY_MAX: Final = 99
_AMOUNT_MAX: Final = 10**AMOUNT_DIGITS_MAX - 1
_SEQUENCE_MAX: Final = 10**SEQUENCE_DIGITS_MAX - 1

Body = Mapping[str, Any]


def read_order(body: Body) -> Order:
    """The order in a body; RequestError names the field that is wrong."""
    verb = body.get("order")
    if type(verb) is not str or verb not in _READERS:
        raise _wrong("order", " / ".join(_READERS))
    names, read = _READERS[verb]
    for name in body:
        if name != "order" and name not in names:
            raise _wrong(str(name)[:40], "nothing")
    return read(body)


def _amount(body: Body) -> Order:
    return Order("amount", amount_fen=_number(body, "amount_fen", 1, _AMOUNT_MAX))


def _dishes(body: Body) -> Order:
    lines = body.get("dishes")
    if type(lines) is not list or len(lines) > DISHES_MAX:
        raise _wrong("dishes", f"a list of at most {DISHES_MAX}")
    sequence = _number(body, "sequence", 0, _SEQUENCE_MAX)
    return Order("dishes", dishes=tuple(_dish(line) for line in lines), sequence=sequence)


def _dish(line: object) -> Dish:
    if not isinstance(line, dict) or set(line) != {"code", "quantity"}:
        raise _wrong("dishes", "code and quantity")
    quantity = _number(line, "quantity", 1, QUANTITY_MAX)
    if quantity is None:
        raise _wrong("quantity", f"1..{QUANTITY_MAX}")
    code = _digits(line, "code", CODE_DIGITS_MAX)
    if not code:
        raise _wrong("code", f"1..{CODE_DIGITS_MAX} digits")
    return Dish(code, quantity)


def _void(body: Body) -> Order:
    sequence = _number(body, "sequence", 1, _SEQUENCE_MAX)
    return Order("void", sequence=sequence, pin=_digits(body, "pin", PIN_DIGITS_MAX))


def _pin(body: Body) -> Order:
    pin = _digits(body, "pin", PIN_DIGITS_MAX)
    if not pin:
        raise _wrong("pin", f"1..{PIN_DIGITS_MAX} digits")
    return Order("pin", pin=pin)


def _training(body: Body) -> Order:
    if type(body.get("is_on")) is not bool:
        raise _wrong("is_on", "true / false")
    return Order("training", is_on=body["is_on"], pin=_digits(body, "pin", PIN_DIGITS_MAX))


def _shift_open(body: Body) -> Order:
    cashier = _number(body, "cashier", 0, 10**CASHIER_DIGITS_MAX - 1)
    return Order("shift_open", cashier=cashier or 0)


def _shift_close(body: Body) -> Order:
    return Order("shift_close", amount_fen=_number(body, "counted_fen", 0, 10**12))


def _number(body: Body, name: str, low: int, high: int) -> int | None:
    """A whole number, or None when it is null or left out."""
    value = body.get(name)
    if value is None:
        return None
    if type(value) is not int or not low <= value <= high:
        raise _wrong(name, f"{low}..{high}")
    return value


def _digits(body: Body, name: str, longest: int) -> str:
    """So many digits, or "" when it is left out."""
    value = body.get(name, "")
    is_digits = type(value) is str and len(value) <= longest
    if not is_digits or not (value == "" or (value.isascii() and value.isdigit())):
        raise _wrong(name, f"at most {longest} digits")
    return str(value)


def _wrong(name: str, wanted: str) -> RequestError:
    return RequestError(400, "wrong_order", f"{name} 应为 {wanted}。", f"{name} must be {wanted}.")


_READERS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Body], Order]]]] = {
    "amount": (("amount_fen",), _amount),
    "dishes": (("dishes", "sequence"), _dishes),
    "void": (("sequence", "pin"), _void),
    "pin": (("pin",), _pin),
    "training": (("is_on", "pin"), _training),
    "shift_open": (("cashier",), _shift_open),
    "shift_close": (("counted_fen",), _shift_close),
}
