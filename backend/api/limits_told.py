"""What guardians limit, as guardians and children are told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from backend.api.reading import Shape
from backend.api.told import At, Fen
from backend.domain.holder_limit import LimitsView, kinds_of
from campus_code import RulesBundle
from campus_code.holder_limits import LIMITED_KINDS_MAX, WEEKDAYS
from campus_code.limits import AMOUNT_FEN_MAX, ID_LENGTH_MAX

LimitFen = Annotated[int, Field(ge=0, le=AMOUNT_FEN_MAX, description="fen · 分")]
KindId = Annotated[str, Field(min_length=1, max_length=ID_LENGTH_MAX)]


class LimitsShape(Shape):
    """The most a day (null: no limit, 0: nothing), on weekdays (Monday first), and by kind."""

    day_fen: LimitFen | None
    weekday_fen: list[LimitFen | None] = Field(min_length=WEEKDAYS, max_length=WEEKDAYS)
    kinds: dict[KindId, LimitFen | None] = Field(max_length=LIMITED_KINDS_MAX)


class MerchantKindTold(TypedDict):
    """A kind of merchant that may be limited."""

    id: str
    zh: str
    en: str


class LimitsTold(TypedDict):
    """What is limited, who set it when ("" and null: nobody), and the kinds there are."""

    day_fen: Fen | None
    weekday_fen: list[Fen | None]
    kinds: dict[str, Fen]
    set_by: str
    set_at: At | None
    merchant_kinds: list[MerchantKindTold]


def limits_told(view: LimitsView, rules: RulesBundle) -> LimitsTold:
    """The body of an answer."""
    return {
        "day_fen": view.limits.day_fen,
        "weekday_fen": list(view.limits.weekday_fen),
        "kinds": dict(view.limits.kinds),
        "set_by": view.set_by,
        "set_at": view.set_at,
        "merchant_kinds": [{"id": one.id, "zh": one.zh, "en": one.en} for one in kinds_of(rules)],
    }
