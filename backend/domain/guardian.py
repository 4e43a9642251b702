"""Guardians: what they see of whom, who may invite them, and how they are called.

A minor's guardians see everything; the card office hands their codes out. An adult invites his
guardians himself and decides what each of them sees. Coming of age takes back what nobody asked
him about: guardians then see the state alone until he decides otherwise.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.access import Audience
from backend.domain.errors import ConflictError, ForbiddenError, InvalidInputError

GUARDIANS_MAX: Final = 8
"""Guardians one cardholder may have at a time."""
CHILDREN_MAX: Final = 16
"""Cardholders one guardian may look after at a time."""
CONTACTS_MAX: Final = 8
"""Phone numbers the school may have for one cardholder."""
NAME_LENGTH_MAX: Final = 32
CODE_SECONDS: Final = 3 * 86_400
SESSION_SECONDS: Final = 90 * 86_400
LOOK_SECONDS: Final = 3600
"""Looks of one kind within this time leave one line in the trail."""


class Sees(StrEnum):
    """How much a guardian sees; each holds the one before."""

    STATE = "state"
    BALANCE = "balance"
    ALL = "all"


_ORDER: Final = tuple(Sees)


class Look(StrEnum):
    """What a guardian looked at: the verb in the holder's trail."""

    CARD = "guardians.look_at_card"
    PAYMENTS = "guardians.look_at_payments"
    LIMITS = "guardians.look_at_limits"
    EMERGENCY_CODE = "guardians.look_at_emergency_code"


class ContactKind(StrEnum):
    """Whose phone number it is that the school has."""

    SELF = "self"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class GuardianView:
    """A guardian for the eyes of the holder and the office; `since` is Unix seconds."""

    guardian_id: int
    name: str
    since: int
    sees: Sees


def what_is_seen(chosen: str, *, is_adult: bool) -> Sees:
    """How much a guardian sees: of a minor all, of an adult what he chose, else the state."""
    if not is_adult:
        return Sees.ALL
    return Sees(chosen) if chosen else Sees.STATE


def shows(seen: Sees, wanted: Sees) -> bool:
    """Whether who sees `seen` may be shown `wanted`."""
    return _ORDER.index(seen) >= _ORDER.index(wanted)


def require_shared(seen: Sees, wanted: Sees) -> None:
    """Raise ForbiddenError unless it is shared."""
    if not shows(seen, wanted):
        raise ForbiddenError(
            "not_shared",
            zh="本人没有授权您查看此内容。",
            en="The cardholder does not share this with you.",
            sees=seen.value,
        )


def require_adult(*, is_adult: bool) -> None:
    """Raise ForbiddenError unless the holder is of age: his guardians are his own affair then."""
    if not is_adult:
        raise ForbiddenError(
            "not_adult",
            zh="未成年人的家长由卡务中心登记，本人不能更改。",
            en="The card office registers a minor's guardians; the minor cannot change them.",
        )


def require_minor(*, is_adult: bool) -> None:
    """Raise ForbiddenError unless the holder is a minor: nobody invites an adult's guardians."""
    if is_adult:
        raise ForbiddenError(
            "adult_invites",
            zh="持卡人已成年，须由本人在小程序里邀请家长。",
            en="The cardholder is of age and invites guardians himself, in the mini-program.",
        )


def require_consent(made_by: str, *, is_adult: bool) -> None:
    """Raise ForbiddenError when an adult did not make the code himself: it was a minor's."""
    if not made_by.startswith(f"{Audience.STUDENT}:"):
        require_minor(is_adult=is_adult)


def require_room(guardians: int, children: int) -> None:
    """Raise ConflictError when one more guardian, or one more child, is too many."""
    if guardians >= GUARDIANS_MAX:
        raise ConflictError(
            "too_many_guardians", zh="家长人数已满", en="The cardholder has enough guardians"
        )
    if children >= CHILDREN_MAX:
        raise ConflictError(
            "too_many_children", zh="绑定的孩子太多", en="You look after enough cardholders"
        )


def read_name(text: str) -> str:
    """What a guardian wants to be called. Raises InvalidInputError: empty, long, not showable."""
    name = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(name) <= NAME_LENGTH_MAX:
        raise InvalidInputError("name", f"1..{NAME_LENGTH_MAX} characters", zh="称呼为 1～32 个字")
    if any(unicodedata.category(character).startswith("C") for character in name):
        raise InvalidInputError(
            "name", "has a character that cannot be shown", zh="称呼含有不可见字符"
        )
    return name
