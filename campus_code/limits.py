"""Limits shared by several files, and the checks that name what is over one."""

from __future__ import annotations

from collections.abc import Sized

from campus_code.damm import is_damm
from campus_code.errors import ShapeError

AT_MAX = 253_370_764_799  # the last second of year 9998: local days still have a date
AMOUNT_FEN_MAX = 10_000_000  # 100,000 yuan: nobody pays that for lunch
CARD_DIGITS = 8
ISSUE_MAX = 99
CLASS_ID_MAX = 255
EPOCH_MAX = 2**32 - 1
VERSION_MAX = 2**63 - 1  # fits every database's signed BIGINT
SECRET_BYTES = 32
ID_LENGTH_MAX = 32
NAME_LENGTH_MAX = 64


def require_int(name: str, value: object, low: int, high: int) -> int:
    """Give the value back if it is an int (never a bool) in low..high, else ShapeError."""
    if type(value) is not int:
        raise ShapeError(f"{name}: a whole number is wanted, not {type(value).__name__}")
    if not low <= value <= high:
        raise ShapeError(f"{name}: {low}..{high} is allowed, not {_short(value)}")
    return value


def require_text(name: str, value: object, longest: int, *, may_be_empty: bool = False) -> str:
    """Give the value back if it is printable text of at most `longest` characters."""
    if type(value) is not str:
        raise ShapeError(f"{name}: text is wanted, not {type(value).__name__}")
    if len(value) > longest or not (value or may_be_empty):
        least = 0 if may_be_empty else 1
        raise ShapeError(f"{name}: {least}..{longest} characters are allowed, not {len(value)}")
    if not value.isprintable():
        raise ShapeError(f"{name}: only printable characters are allowed")
    return value


def require_card_number(name: str, value: object) -> str:
    """Give the value back if it is 8 ASCII digits whose last is the Damm digit."""
    if type(value) is not str or len(value) != CARD_DIGITS or not is_damm(value):
        raise ShapeError(f"{name}: 8 digits with a right Damm digit are wanted")
    return value


def require_bytes(name: str, value: object, length: int) -> bytes:
    """Give the value back if it is exactly `length` bytes."""
    if type(value) is not bytes or len(value) != length:
        raise ShapeError(f"{name}: exactly {length} bytes are wanted")
    return value


def require_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """ShapeError unless the word is one of the choices."""
    if value not in choices:
        raise ShapeError(f"{name}: one of {', '.join(choices)} is wanted")


def require_few(name: str, things: Sized, fewest: int, most: int) -> None:
    """ShapeError unless there are so many things."""
    if not fewest <= len(things) <= most:
        raise ShapeError(f"{name}: {fewest}..{most} are allowed, not {len(things)}")


def _short(value: int) -> str:
    # an absurd number would make an absurd message, and Python refuses to print 4,300 digits
    return str(value) if abs(value) < 10**20 else "a number of more than 20 digits"
