"""What may happen to a card. Each verb takes the card as it is and gives the card as it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from backend.domain.access import Actor, Audience
from backend.domain.errors import ConflictError, ForbiddenError, NotFoundError, TooManyRequestsError
from campus_code.directory import CardState

ISSUES: Final = 100  # a code has two digits for it
FOUND_AFTER_SECONDS: Final = 60
"""A holder who froze a card cannot say "found" sooner: whoever grabbed the phone has to wait."""
PIN_LOCK: Final = "pin"
"""What stands in `frozen_by` when wrong PINs froze the card."""


class Part(StrEnum):
    """What a freeze stops."""

    MONEY = "money"
    DOORS = "doors"


@dataclass(frozen=True, slots=True)
class Card:
    """A card as the rules below see it. `frozen_at` is Unix seconds, 0: its money is not frozen."""

    id: int
    number: str
    holder_id: int
    state: CardState
    are_doors_frozen: bool
    issue: int
    frozen_at: int
    frozen_by: str

    @property
    def is_closed(self) -> bool:
        """Whether nothing will ever happen to it again."""
        return self.state is CardState.CLOSED


@dataclass(frozen=True, slots=True)
class CardChange:
    """What a change raised: 0 where terminals need not hear of it."""

    card: Card
    directory_version: int = 0
    denylist_version: int = 0
    doors_version: int = 0

    def wakeups(self) -> Mapping[str, dict[str, object]]:
        """Bus topic → payload, to be published after the commit."""
        versions = {
            "denylist": self.denylist_version,
            "directory": self.directory_version,
            "doors": self.doors_version,
        }
        return {topic: {"version": version} for topic, version in versions.items() if version}


def freeze(card: Card, parts: frozenset[Part], by: str, at: int, *, is_adult: bool = True) -> Card:
    """Freeze money, doors or both; what is frozen already stays as it is.

    The office may freeze over holder and guardians, so that "found" no longer lifts it; never the
    reverse. Between those two an adult holder has the last word, and a minor's guardians have it.
    """
    _require_open(card)
    is_override = bool(card.frozen_by) and (
        _word(by, is_adult=is_adult) > _word(card.frozen_by, is_adult=is_adult)
    )
    frozen = replace(card, are_doors_frozen=card.are_doors_frozen or Part.DOORS in parts)
    if Part.MONEY in parts and card.state is CardState.ACTIVE:
        frozen = replace(frozen, state=CardState.FROZEN, frozen_at=at)
    if is_override or (frozen != card and not card.frozen_by):
        frozen = replace(frozen, frozen_by=by)
    return frozen


def may_lift(card: Card, actor: Actor, *, is_adult: bool = True) -> bool:
    """Whether this person may undo the card's freeze: whose it is, an adult his guardians' too."""
    if actor.audience is Audience.STAFF or card.frozen_by == actor.label:
        return True
    return is_adult and actor.audience is Audience.STUDENT and _is_guardian(card.frozen_by)


def lift(card: Card, actor: Actor, at: int, *, is_adult: bool = True) -> Card:
    """Undo a freeze: holder and guardian their own after FOUND_AFTER_SECONDS, the office any.

    An adult holder also lifts what a guardian froze; a guardian never what the holder did. A lost
    card is never lifted: only a new phone or a new card brings it back.
    """
    _require_open(card)
    if card.state is CardState.LOST:
        raise ConflictError(
            "card_lost",
            zh="卡片已挂失，须到卡务中心换卡或重新绑定手机",
            en="The card is reported lost; the card office replaces it or binds a new phone",
        )
    if card.state is CardState.ACTIVE and not card.are_doors_frozen:
        return card
    if not may_lift(card, actor, is_adult=is_adult):
        raise _not_yours(card.frozen_by)
    if actor.audience is not Audience.STAFF and at < card.frozen_at + FOUND_AFTER_SECONDS:
        raise TooManyRequestsError(card.frozen_at + FOUND_AFTER_SECONDS - at)
    return replace(card, state=CardState.ACTIVE, are_doors_frozen=False, frozen_at=0, frozen_by="")


def report_loss(card: Card, by: str, at: int) -> Card:
    """Report a loss: refused everywhere, and the lost phone's secrets are worth nothing."""
    _require_open(card)
    if card.state is CardState.LOST:
        return card
    return replace(
        card,
        state=CardState.LOST,
        are_doors_frozen=True,
        issue=next_issue(card.issue),
        frozen_at=card.frozen_at or at,
        frozen_by=by,
    )


def bind(card: Card) -> Card:
    """Bind a new phone: the old one's codes end. It brings a lost card back, not a frozen one."""
    _require_open(card)
    bound = replace(card, issue=next_issue(card.issue))
    if card.state is not CardState.LOST:
        return bound
    return replace(bound, state=CardState.ACTIVE, are_doors_frozen=False, frozen_at=0, frozen_by="")


def close(card: Card, balances_fen: Mapping[str, int], at: int) -> Card:
    """Close for good. Refused while a purse holds (or owes) money."""
    _require_open(card)
    held = {purse: amount_fen for purse, amount_fen in balances_fen.items() if amount_fen != 0}
    if held:
        raise ConflictError(
            "purse_not_empty",
            zh="钱包里还有余额，清零后才能销卡",
            en="A purse still holds money; the card can be closed once it is empty",
            balances_fen=held,
        )
    return replace(
        card,
        state=CardState.CLOSED,
        are_doors_frozen=True,
        frozen_at=card.frozen_at or at,
    )


def retire(card: Card, at: int) -> Card:
    """End a card whose holder has a new one: lost stays lost, anything else is closed."""
    _require_open(card)
    frozen_at = card.frozen_at or at
    if card.state is CardState.LOST:
        return replace(card, frozen_at=frozen_at)
    return replace(card, state=CardState.CLOSED, are_doors_frozen=True, frozen_at=frozen_at)


def next_issue(issue: int) -> int:
    """The issue after this one; two digits, so 99 is followed by 0."""
    return (issue + 1) % ISSUES


def _is_holder(by: str) -> bool:
    return by.startswith(f"{Audience.STUDENT}:")


def _is_guardian(by: str) -> bool:
    return by.startswith(f"{Audience.GUARDIAN}:")


def _word(by: str, *, is_adult: bool) -> int:
    """Whose word stands over whose: the higher one's."""
    if _is_holder(by):
        return 1 if is_adult else 0
    if _is_guardian(by):
        return 0 if is_adult else 1
    return 2


def _not_yours(frozen_by: str) -> ForbiddenError:
    if _is_guardian(frozen_by):
        return ForbiddenError(
            "frozen_by_guardian",
            zh="这次冻结是家长操作的，请家长解冻或到卡务中心办理",
            en="A guardian made this freeze; he or the card office lifts it",
        )
    if _is_holder(frozen_by):
        return ForbiddenError(
            "frozen_by_holder",
            zh="这次冻结是持卡人本人操作的，请本人解冻或到卡务中心办理",
            en="The cardholder made this freeze; he or the card office lifts it",
        )
    return ForbiddenError(
        "frozen_by_office",
        zh="这次冻结不是您本人操作的，请到卡务中心解冻",
        en="You did not make this freeze; ask the card office to lift it",
    )


def card_closed() -> ConflictError:
    """The answer to whoever wants something of a closed card."""
    return ConflictError("card_closed", zh="卡已销户", en="The card is closed")


def _require_open(card: Card) -> None:
    if card.is_closed:
        raise card_closed()


def unknown_card() -> NotFoundError:
    """The answer for no card, and for one whose holder is at home beyond the asker's reach."""
    return NotFoundError("unknown_card", zh="没有这张卡", en="There is no such card")


def unknown_cardholder() -> NotFoundError:
    """The answer for nobody, and for somebody who is at home beyond the asker's reach."""
    return NotFoundError("unknown_cardholder", zh="没有这个持卡人", en="No such cardholder")
