"""A visit: somebody who stands at a terminal of the hall, for minutes, and what he may do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.card import Card
from backend.domain.errors import ForbiddenError, UnauthenticatedError
from backend.domain.place import Reach
from campus_code import (
    CardState,
    Chip,
    ChipKind,
    Refusal,
    RefusedError,
    RulesBundle,
    business_day,
)

VISIT_SECONDS: Final = 300
"""A visit ends after this, whatever is done in it; a kiosk forgets an idle person much sooner."""
HALL: Final = "hall"
"""The kind of a group whose terminals open visits: a till is shown codes all day, and must not."""
STAFF_VERB: Final = "visits.open"
"""What a member of staff must be allowed to do, on opening and at each request after it."""


class Shown(StrEnum):
    """What somebody was known by when the visit was opened."""

    CODE = "code"
    CHIP = "chip"
    """A physical card that proved itself to the server."""
    STAFF = "staff"
    """A member of staff looked the person up and stands beside him."""


class Deed(StrEnum):
    """What can be done in a visit; those that only look are verbs of the trail themselves."""

    SEE_CARD = "visits.see_card"
    SEE_PAYMENTS = "visits.see_payments"
    SEE_FREEZE = "visits.see_freeze"
    FREEZE = "cards.freeze"
    FIND = "cards.unfreeze"
    EMERGENCY_CODE = "cards.emergency"


LOOKS: Final = frozenset({Deed.SEE_CARD, Deed.SEE_PAYMENTS})
"""Deeds that change nothing and leave a line all the same, one in each visit."""

DEEDS: Final[Mapping[Shown, frozenset[Deed]]] = {
    Shown.CODE: frozenset(Deed),
    Shown.CHIP: frozenset({Deed.SEE_CARD, Deed.SEE_PAYMENTS, Deed.SEE_FREEZE, Deed.FREEZE}),
    Shown.STAFF: frozenset(Deed),
}
"""What may be done, by what was shown; whatever is not listed here may not.

A physical card has no lock of its own. Whoever found one must not lift the freeze that was meant
for him, nor take a code along that pays after the card was taken from him.
"""

PROVEN_KINDS: Final = frozenset({ChipKind.DESFIRE, ChipKind.CPU})
"""Chips that open visits where the rules take them. A Classic one can be copied by anybody, and
only its reader, which stands in a hall, could say whether it was right: it opens none."""

OPEN_VERBS: Final[Mapping[Shown, str]] = {
    Shown.CODE: STAFF_VERB,
    Shown.CHIP: "visits.open_by_card",
    Shown.STAFF: STAFF_VERB,
}
"""What stands in the holder's trail."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as the rules see it. Times in Unix seconds; `ended_at` 0: it has not been ended."""

    id: int
    terminal_id: int
    shown: Shown
    issue: int
    opened_by: str
    opened_at: int
    expires_at: int
    ended_at: int


def is_hall(rules: RulesBundle, group_id: str) -> bool:
    """Whether terminals of this group are kiosks of the hall."""
    group = rules.groups.get(group_id)
    return group is not None and group.kind == HALL


def require_hall(rules: RulesBundle, group_id: str) -> None:
    """Refuse terminals that are not of the hall. Raises ForbiddenError."""
    if not is_hall(rules, group_id):
        raise ForbiddenError(
            "no_kiosk",
            zh="这台终端不是大厅自助机。",
            en="This terminal is no kiosk of the hall.",
        )


def require_visitor(card: Card, issue: int) -> None:
    """Refuse whose card or phone is gone; a frozen card's holder must get in, to say "found".

    Raises RefusedError.
    """
    if issue != card.issue:
        raise RefusedError(Refusal.REPLACED_CREDENTIAL)
    if card.state is CardState.LOST:
        raise RefusedError(Refusal.LOST)
    if card.state is CardState.CLOSED:
        raise RefusedError(Refusal.CLOSED)


def require_chip(rules: RulesBundle, chip: Chip, at: int) -> None:
    """Refuse a chip of a kind that opens no visit, or is not taken today. Raises RefusedError."""
    is_taken = rules.nfc.of(chip.kind, business_day(at, rules)) is not None
    if not is_taken or chip.kind not in PROVEN_KINDS:
        raise RefusedError(Refusal.CHIP_NOT_TAKEN, chip=chip.kind.value)


def require_card_in_hand(card: Card) -> None:
    """Refuse a frozen card's chip: whoever froze it wants nobody to get anywhere with it.

    Raises RefusedError.
    """
    if card.state is CardState.FROZEN or card.are_doors_frozen:
        raise RefusedError(Refusal.FROZEN)


def require_deed(visit: Visit, deed: Deed, terminal_id: int, at: int) -> None:
    """Refuse what this terminal may not do, or not any more, in this visit.

    Another terminal's visit is answered like one that is over, so that nobody can count visits.

    Raises:
        UnauthenticatedError: `visit_over`.
        ForbiddenError: `not_in_visit`.

    """
    is_open = not visit.ended_at and visit.opened_at <= at < visit.expires_at
    if visit.terminal_id != terminal_id or not is_open:
        raise visit_over()
    if deed not in DEEDS[visit.shown]:
        raise ForbiddenError(
            "not_in_visit",
            zh="用这种方式验证身份后不能办理此项。",
            en="Whoever was identified in this way may not do this here.",
        )


def require_same_card(visit: Visit, card: Card, by: str) -> None:
    """End the visit when the card changed under it: another phone, a loss, somebody else's freeze.

    Whoever has a card frozen wants nobody to go on with it, wherever he stands. `by` is who acts
    in the visit, whose own freeze is no reason to leave. Raises UnauthenticatedError.
    """
    is_gone = card.issue != visit.issue or card.state in {CardState.LOST, CardState.CLOSED}
    is_stopped = card.frozen_at >= visit.opened_at and card.frozen_by not in {"", by}
    if is_gone or is_stopped:
        raise visit_over()


def require_helper(reach: Reach, merchant_id: int) -> None:
    """Refuse a member of staff who may not help here any more. Raises UnauthenticatedError.

    `reach` is how far his right to help goes, `merchant_id` whose the kiosk is.
    """
    if not reach.has_merchant(merchant_id):
        raise visit_over()


def visit_over() -> UnauthenticatedError:
    """There is no such visit any more."""
    return UnauthenticatedError(
        "visit_over",
        zh="本次服务已结束，请重新出示校园码。",
        en="This visit is over; please show the campus code again.",
    )
