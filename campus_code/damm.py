"""The Damm check digit: finds every single wrong digit and every swap of neighbours."""

from __future__ import annotations

from campus_code.errors import ShapeError

# The usual totally anti-symmetric quasigroup of order 10, one row of ten a line.
_ROWS = tuple(
    bytes(row)
    for row in (
        (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
        (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
        (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
        (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
        (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
        (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
        (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
        (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
        (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
        (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
    )
)
_ZERO = ord("0")
SEVEN_DIGITS_MAX = 9_999_999


def _interim(digits: str) -> int:
    row = 0
    for byte in digits.encode("ascii"):
        row = _ROWS[row][byte - _ZERO]
    return row


def damm_digit(digits: str) -> str:
    """The digit that makes `digits` right when written after them. ShapeError if not digits."""
    if not (digits.isascii() and digits.isdigit()):
        raise ShapeError("digits: only the ASCII digits 0-9 are wanted")
    return str(_interim(digits))


def is_damm(digits: str) -> bool:
    """Whether the last digit is the Damm digit of those before it."""
    return digits.isascii() and digits.isdigit() and _interim(digits) == 0


def card_number(seven: int) -> str:
    """The card number of serial 0..9,999,999: seven digits and their Damm digit."""
    if type(seven) is not int or not 0 <= seven <= SEVEN_DIGITS_MAX:
        raise ShapeError(f"seven: a whole number 0..{SEVEN_DIGITS_MAX} is wanted")
    digits = f"{seven:07d}"
    return digits + damm_digit(digits)
