"""Merchants: what they may be called."""

from __future__ import annotations

import unicodedata
from typing import Final

from backend.domain.errors import InvalidInputError

NAME_LENGTH_MAX: Final = 64


def read_merchant_name(text: str) -> str:
    """A name as it is kept. Raises InvalidInputError: empty, too long, or not to be shown."""
    name = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(name) <= NAME_LENGTH_MAX:
        why = f"1..{NAME_LENGTH_MAX} characters"
        raise InvalidInputError("name", why, zh="名称为 1～64 个字。")
    if not name.isprintable():
        raise InvalidInputError(
            "name", "has a character that cannot be shown", zh="名称含有不可见字符。"
        )
    return name
