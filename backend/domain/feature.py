"""Features that a school switches on step by step: everywhere, on a campus, in a group there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.errors import ForbiddenError


class Feature(StrEnum):
    """What can be switched. All are on until somebody switches one off."""

    KIOSK_VISITS = "kiosk_visits"
    """Kiosks of the hall open visits: by place and terminal group."""
    TOP_UPS = "top_ups"
    """Holders and guardians top up with WeChat Pay: in the school as a whole."""
    INVITATIONS = "invitations"
    """Relatives are invited to pay once: in the school as a whole."""
    DISPUTES = "disputes"
    """Holders contest payments on their phones: in the school as a whole."""


BY_PLACE: Final = frozenset({Feature.KIOSK_VISITS})
"""Those that terminals do; a holder stands at no place, so the others have one switch."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch: for the school (place 0), a place and all below it; all groups, or one ("")."""

    feature: Feature
    place_id: int
    group_id: str
    is_on: bool


def is_on(
    feature: Feature, switches: Iterable[Switch], chain: Sequence[int] = (), group_id: str = ""
) -> bool:
    """Whether a feature is on at a place, for a group.

    `chain` is the place and those it stands in, nearest first. The nearest switch decides; at the
    same place the one of the group does before the one of all groups.
    """
    known = {(one.place_id, one.group_id): one.is_on for one in switches if one.feature is feature}
    for place_id in (*chain, 0):
        for group in (group_id, ""):
            if (place_id, group) in known:
                return known[place_id, group]
    return True


def switched_off(feature: Feature) -> ForbiddenError:
    """The answer where a feature is not on."""
    return ForbiddenError(
        "switched_off",
        zh="学校目前没有开放这项功能。",
        en="The school has not switched this on.",
        feature=feature.value,
    )
