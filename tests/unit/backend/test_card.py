"""What may happen to a card, verb by verb."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.domain.card import (
    FOUND_AFTER_SECONDS,
    ISSUES,
    PIN_LOCK,
    Card,
    CardChange,
    Part,
    bind,
    close,
    freeze,
    lift,
    report_loss,
    retire,
)
from backend.domain.errors import ConflictError, ForbiddenError, TooManyRequestsError
from campus_code import CardState

AT = 1_767_240_000
HOLDER = Actor(Audience.STUDENT, 7, "20240013", card_id=7)
GUARDIAN = Actor(Audience.GUARDIAN, 5, "")
OFFICE = Actor(Audience.STAFF, 3, "王老师", role=Role.CARD_OFFICE)
MONEY, DOORS = frozenset({Part.MONEY}), frozenset({Part.DOORS})
BOTH = MONEY | DOORS
ACTIVE = Card(7, "20240013", 1, CardState.ACTIVE, False, 4, 0, "")
FROZEN = freeze(ACTIVE, BOTH, HOLDER.label, AT)
LOST = report_loss(ACTIVE, OFFICE.label, AT)
CLOSED = close(ACTIVE, {"cash": 0}, AT)


def test_money_and_doors_freeze_apart() -> None:
    money, doors = freeze(ACTIVE, MONEY, "x", AT), freeze(ACTIVE, DOORS, "x", AT)
    assert (money.state, money.are_doors_frozen, money.frozen_at) == (CardState.FROZEN, False, AT)
    assert (doors.state, doors.are_doors_frozen, doors.frozen_at) == (CardState.ACTIVE, True, 0)
    assert freeze(doors, MONEY, "x", AT) == replace(money, are_doors_frozen=True)


def test_a_second_tap_changes_nothing() -> None:
    assert freeze(FROZEN, BOTH, HOLDER.label, AT + 100) == FROZEN
    assert freeze(LOST, MONEY, OFFICE.label, AT + 100) == LOST


def test_the_office_freezes_over_the_holder_and_not_the_reverse() -> None:
    taken_over = freeze(FROZEN, MONEY, OFFICE.label, AT + 5)
    assert (taken_over.frozen_by, taken_over.frozen_at) == (OFFICE.label, AT)
    assert freeze(taken_over, BOTH, HOLDER.label, AT + 9) == taken_over
    with pytest.raises(ForbiddenError):
        lift(taken_over, HOLDER, AT + 1000)
    assert lift(taken_over, OFFICE, AT + 6) == ACTIVE


def test_the_holder_lifts_his_own_freeze_after_a_while() -> None:
    with pytest.raises(TooManyRequestsError) as early:
        lift(FROZEN, HOLDER, AT + FOUND_AFTER_SECONDS - 1)
    assert early.value.retry_after_seconds == 1
    assert lift(FROZEN, HOLDER, AT + FOUND_AFTER_SECONDS) == ACTIVE
    assert lift(ACTIVE, HOLDER, AT) == ACTIVE


@pytest.mark.parametrize("by", [OFFICE.label, PIN_LOCK, "student:8"])
def test_the_holder_lifts_nobody_elses_freeze(by: str) -> None:
    frozen = freeze(ACTIVE, MONEY, by, AT)
    with pytest.raises(ForbiddenError):
        lift(frozen, HOLDER, AT + 1000)
    assert lift(frozen, OFFICE, AT) == ACTIVE


def test_a_guardian_lifts_only_what_he_froze() -> None:
    later = AT + FOUND_AFTER_SECONDS
    by_guardian = freeze(ACTIVE, BOTH, GUARDIAN.label, AT, is_adult=False)
    with pytest.raises(TooManyRequestsError):
        lift(by_guardian, GUARDIAN, later - 1, is_adult=False)
    assert lift(by_guardian, GUARDIAN, later, is_adult=False) == ACTIVE
    for by in (HOLDER.label, OFFICE.label, PIN_LOCK, "guardian:6"):
        with pytest.raises(ForbiddenError):
            lift(freeze(ACTIVE, MONEY, by, AT), GUARDIAN, later, is_adult=False)


@pytest.mark.parametrize("is_adult", [True, False])
def test_an_adult_lifts_a_guardians_freeze_and_a_minor_does_not(
    is_adult: bool,  # noqa: FBT001
) -> None:
    frozen = freeze(ACTIVE, MONEY, GUARDIAN.label, AT, is_adult=is_adult)
    later = AT + FOUND_AFTER_SECONDS
    if is_adult:
        assert lift(frozen, HOLDER, later, is_adult=True) == ACTIVE
        return
    with pytest.raises(ForbiddenError) as refused:
        lift(frozen, HOLDER, later, is_adult=False)
    assert refused.value.word == "frozen_by_guardian"


def test_an_adult_has_the_last_word_over_a_guardian() -> None:
    """Else a guardian who froze the doors would lift the loss its holder tapped afterwards."""
    doors = freeze(ACTIVE, DOORS, GUARDIAN.label, AT, is_adult=True)
    both = freeze(doors, MONEY, HOLDER.label, AT, is_adult=True)
    assert (both.frozen_by, both.are_doors_frozen) == (HOLDER.label, True)
    with pytest.raises(ForbiddenError) as refused:
        lift(both, GUARDIAN, AT + 1000, is_adult=True)
    assert refused.value.word == "frozen_by_holder"
    taken = freeze(FROZEN, BOTH, GUARDIAN.label, AT + 5, is_adult=True)
    assert taken.frozen_by == HOLDER.label


def test_a_minors_guardian_has_the_last_word() -> None:
    taken = freeze(FROZEN, MONEY, GUARDIAN.label, AT + 5, is_adult=False)
    assert (taken.frozen_by, taken.frozen_at) == (GUARDIAN.label, AT)
    assert freeze(taken, BOTH, HOLDER.label, AT + 9, is_adult=False) == taken
    assert freeze(taken, MONEY, OFFICE.label, AT + 9, is_adult=False).frozen_by == OFFICE.label
    with pytest.raises(ForbiddenError):
        lift(taken, HOLDER, AT + 1000, is_adult=False)


@pytest.mark.parametrize("actor", [HOLDER, OFFICE, GUARDIAN])
def test_nobody_lifts_a_loss(actor: Actor) -> None:
    with pytest.raises(ConflictError) as refused:
        lift(LOST, actor, AT + 1000)
    assert refused.value.word == "card_lost"


def test_a_loss_raises_the_issue_once_and_keeps_the_first_moment() -> None:
    assert (LOST.state, LOST.issue, LOST.frozen_at) == (CardState.LOST, 5, AT)
    assert LOST.are_doors_frozen
    assert report_loss(LOST, OFFICE.label, AT + 50) == LOST
    assert report_loss(FROZEN, OFFICE.label, AT + 50).frozen_at == AT


def test_a_new_phone_brings_back_a_lost_card_and_not_a_frozen_one() -> None:
    back = bind(LOST)
    assert (back.state, back.issue, back.frozen_at) == (CardState.ACTIVE, 6, 0)
    assert (bind(FROZEN).state, bind(FROZEN).issue) == (CardState.FROZEN, 5)
    assert bind(FROZEN).frozen_by == FROZEN.frozen_by
    assert bind(replace(ACTIVE, issue=ISSUES - 1)).issue == 0


@pytest.mark.parametrize("held_fen", [1, -1, 500_000])
@pytest.mark.parametrize("card", [ACTIVE, FROZEN, LOST])
def test_a_card_whose_purse_holds_or_owes_money_does_not_close(card: Card, held_fen: int) -> None:
    with pytest.raises(ConflictError) as refused:
        close(card, {"cash": 0, "benefit": held_fen}, AT)
    assert refused.value.evidence == {"balances_fen": {"benefit": held_fen}}


def test_an_empty_card_closes_for_good() -> None:
    assert (CLOSED.state, CLOSED.frozen_at) == (CardState.CLOSED, AT)
    closed = close(LOST, {}, AT + 9)
    assert (closed.state, closed.frozen_at) == (CardState.CLOSED, AT)


def test_a_replaced_card_is_closed_and_a_lost_one_stays_lost() -> None:
    assert retire(LOST, AT + 9) == LOST
    assert (retire(FROZEN, AT + 9).state, retire(FROZEN, AT + 9).frozen_at) == (
        CardState.CLOSED,
        AT,
    )


def test_nothing_happens_to_a_closed_card() -> None:
    verbs: tuple[Callable[[], Card], ...] = (
        lambda: freeze(CLOSED, BOTH, "x", AT),
        lambda: lift(CLOSED, OFFICE, AT),
        lambda: report_loss(CLOSED, "x", AT),
        lambda: bind(CLOSED),
        lambda: close(CLOSED, {}, AT),
        lambda: retire(CLOSED, AT),
    )
    for verb in verbs:
        with pytest.raises(ConflictError):
            verb()


def test_a_change_wakes_only_those_who_must_hear_of_it() -> None:
    assert CardChange(ACTIVE).wakeups() == {}
    assert CardChange(ACTIVE, 4, 0).wakeups() == {"directory": {"version": 4}}
    assert set(CardChange(ACTIVE, 4, 2).wakeups()) == {"directory", "denylist"}
