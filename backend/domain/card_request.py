"""Cards that two people open: a guest's, and one more for somebody who has one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.errors import ConflictError, InvalidInputError, NotFoundError
from backend.domain.place import NOWHERE_IN_PARTICULAR, Reach

OFFICE_LENGTH_MAX: Final = 32
QUOTA_MAX: Final = 1_000
"""The most cards one office may ask for in a day."""
GUEST_DAYS_MAX: Final = 366
"""How long a guest's card may last."""
REQUEST_VALID_SECONDS: Final = 7 * 86_400
"""How long a request may wait for the second person."""


class RequestKind(StrEnum):
    """Whose card it is to be."""

    GUEST = "guest"
    SECONDARY = "secondary"


class Decision(StrEnum):
    """What the second person said."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class CardAsked:
    """What an office asks for. A guest has a name, a class and an end; a second card its holder.

    `until_at` (Unix seconds) is 0 for a second card that ends with its holder. `campus_id` is
    where a guest is at home, 0 for the school as a whole.
    """

    request_key: str
    kind: RequestKind
    office: str
    reason: str
    holder_id: int = 0
    name: str = ""
    class_id: int = 0
    until_at: int = 0
    campus_id: int = NOWHERE_IN_PARTICULAR


def home_of_guest(asked_for: int, reach: Reach, campuses: Iterable[int]) -> int:
    """The campus a guest is at home at: the one asked for, or the only one the asker has.

    Raises InvalidInputError: it is no campus of his, or he has several and named none.
    """
    own = [one for one in campuses if reach.has_place(one)]
    if asked_for in own or (not asked_for and reach.is_whole_school):
        return asked_for
    if not asked_for and len(own) == 1:
        return own[0]
    raise InvalidInputError("campus_id", "must be a campus of yours", zh="请选择您所属的校区。")


def require_whole(asked: CardAsked, at: int) -> None:
    """Raise InvalidInputError naming what a request of its kind lacks."""
    if asked.kind is RequestKind.SECONDARY:
        if not asked.holder_id:
            raise InvalidInputError("holder_id", "a second card has a holder")
        if asked.name or asked.until_at or asked.campus_id:
            raise InvalidInputError("name", "a second card has its holder's name and time")
        return
    if asked.holder_id:
        raise InvalidInputError("holder_id", "a guest has none yet")
    if not asked.name.strip():
        raise InvalidInputError("name", "a guest has a name")
    if not at < asked.until_at <= at + GUEST_DAYS_MAX * 86_400:
        raise InvalidInputError("until_at", f"in the future, at most {GUEST_DAYS_MAX} days ahead")


def guest_number(request_id: int) -> str:
    """The school's own number of a guest: the request's, so that it is drawn once."""
    return f"G{request_id:07}"


def unknown_request() -> NotFoundError:
    """The answer when there is no such request."""
    return NotFoundError("unknown_request", zh="没有这个申请", en="There is no such request")


def unknown_office() -> NotFoundError:
    """The answer to an office that has no quota."""
    return NotFoundError(
        "unknown_office", zh="这个部门没有发卡额度", en="This office has no quota of cards"
    )


def quota_used(quota: int) -> ConflictError:
    """The answer when an office has asked for all it may today."""
    return ConflictError(
        "quota_used",
        zh=f"今天的发卡额度（{quota} 张）已用完",
        en=f"Today's quota of {quota} cards is used up",
        quota=quota,
    )


def request_over() -> ConflictError:
    """The answer when a request has waited too long, or its end has passed."""
    return ConflictError(
        "request_over", zh="申请已过期，请重新申请。", en="The request is too old; ask again."
    )


def number_taken(number: str) -> ConflictError:
    """The answer when somebody has the number that the guest would get."""
    return ConflictError(
        "number_taken",
        zh=f"编号 {number} 已有人使用，请重新申请。",
        en=f"The number {number} is somebody's; ask again.",
        number=number,
    )


def key_used() -> ConflictError:
    """The answer to a key that stands for something else."""
    return ConflictError(
        "key_used", zh="该请求编号已用于别的申请。", en="This key was used for another request."
    )


def second_card() -> ConflictError:
    """The answer to whoever would open a second card alone."""
    return ConflictError(
        "second_card",
        zh="持卡人已有可用的卡；再开一张须申请，由另一人批准。",
        en="The cardholder has an open card; one more is asked for, and approved by another.",
    )
