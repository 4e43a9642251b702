"""What guardians limit: reading it, the kinds of merchants, and what counts towards it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from backend.domain.errors import ForbiddenError, InvalidInputError
from campus_code import (
    NO_LIMITS,
    HolderLimits,
    Limited,
    RulesBundle,
    ShapeError,
    Spent,
    business_day,
)

KIND_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "canteen": ("食堂", "Canteens"),
    "shop": ("超市", "Shops"),
    "library": ("图书馆", "Libraries"),
    "bath": ("浴室", "Baths"),
    "laundry": ("洗衣", "Laundries"),
    "bus": ("校车", "Buses"),
    "other": ("其他", "Others"),
}
"""What the usual kinds are called; any other is called by its groups' names."""


@dataclass(frozen=True, slots=True)
class MerchantKind:
    """A kind of merchant, for people."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LimitsView:
    """What is limited, and who set it when: a guardian's name, "" and None when nobody did."""

    limits: HolderLimits = NO_LIMITS
    set_by: str = ""
    set_at: int | None = None


@dataclass(slots=True)
class LimitedHolder:
    """A limited holder while a set is decided: `spent_fen` by (business day, group)."""

    limits: HolderLimits
    spent_fen: dict[tuple[int, str], int] = field(default_factory=dict)

    def at(self, at: int, group_id: str, rules: RulesBundle) -> Limited:
        """The limits for a tap at Unix second `at` in a group, with what counts towards them."""
        kind, today = _kind(group_id, rules), business_day(at, rules)
        fen = [
            fen
            for (day, other_id), fen in self.spent_fen.items()
            if day == today and _kind(other_id, rules) == kind
        ]
        return Limited(self.limits, sum(fen))

    def count(self, group_id: str, spent: Spent, times: int = 1) -> None:
        """Count a payment in a group; `times` -1 takes it back."""
        key = spent.business_on, group_id
        self.spent_fen[key] = self.spent_fen.get(key, 0) + times * spent.charged_fen


def kinds_of(rules: RulesBundle) -> tuple[MerchantKind, ...]:
    """The kinds of merchants that the rules name, in the order of their ids."""
    groups = [group for group in rules.groups.values() if group.kind]
    made = []
    for kind in sorted({group.kind for group in groups}):
        own = [group for group in groups if group.kind == kind]
        zh = "、".join(group.zh for group in own)
        made.append(MerchantKind(kind, *KIND_NAMES.get(kind, (zh, ", ".join(g.en for g in own)))))
    return tuple(made)


def read_limits(
    day_fen: int | None,
    weekday_fen: Sequence[int | None],
    kinds: Mapping[str, int | None],
    rules: RulesBundle,
) -> HolderLimits:
    """What a guardian asked for; a kind with None is not limited.

    Raises:
        InvalidInputError: naming what is out of bounds or a kind that the rules do not know.

    """
    known = {kind.id for kind in kinds_of(rules)}
    for kind in kinds:
        if kind not in known:
            raise InvalidInputError(
                f"kinds.{kind[:40]}", "is not a kind of merchant here", zh="没有这类商户"
            )
    limited = {kind: fen for kind, fen in kinds.items() if fen is not None}
    try:
        return HolderLimits(day_fen, tuple(weekday_fen), limited)
    except ShapeError as error:
        name, _, why = str(error).partition(": ")
        raise InvalidInputError(name, why, zh="限额不正确") from error


def require_limits(*, is_adult: bool) -> None:
    """Raise ForbiddenError for an adult: nobody limits what he spends."""
    if is_adult:
        raise ForbiddenError(
            "adult_limits",
            zh="持卡人已成年，家长不能设定限额。",
            en="The cardholder is of age; guardians set no limits.",
        )


def to_text(limits: HolderLimits) -> str:
    """Limits as JSON; equal limits give equal texts."""
    told = {"day_fen": limits.day_fen, "weekday_fen": limits.weekday_fen, "kinds": limits.kinds}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def from_text(text: str) -> HolderLimits:
    """Limits from what `to_text` wrote."""
    told = orjson.loads(text)
    return HolderLimits(told["day_fen"], tuple(told["weekday_fen"]), told["kinds"])


def _kind(group_id: str, rules: RulesBundle) -> str:
    group = rules.groups.get(group_id)
    return group.kind if group is not None else ""
