"""What several answers are made of: units that describe themselves, and words."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from pydantic import Field

from campus_code import CardState

Fen = Annotated[int, Field(description="fen · 分")]
At = Annotated[int, Field(description="Unix seconds · 秒")]
Day = Annotated[int, Field(description="business day YYYYMMDD · 营业日")]
Base64Text = Annotated[str, Field(description="standard base64")]

CardStateWord = Literal["active", "frozen", "lost", "closed"]


def state_word(state: CardState) -> CardStateWord:
    """A card's state, as answers name it."""
    return cast("CardStateWord", state.name.lower())
