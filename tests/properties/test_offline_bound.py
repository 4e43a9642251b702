"""
What somebody without money can eat when terminals are cut off: at most G x L, and that exactly.

G is the number of groups that cannot hear each other, L what one card may spend alone. Terminals of
one group hear each other, so a canteen counts once however many windows it has.
"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campus_code import Approved, CardState, Known, OfflineKnown, Tally, Tap, decide
from campus_code.gossip import Gossip, OfflineSum, Sender
from qr_terminals.heard import Heard
from qr_terminals.memory import Memory, OfflineSpent
from tests.terminals.campus import FREE, NOON, OFFLINE_FEN, Campus, card

RULES = Campus().rules()
TIER = RULES.offline[0]
TODAY = 20260101
CARD = card(1)


class Window:
    """One terminal that decides alone, with what it remembers and hears."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.sequence = 0
        self.memory = Memory(heard=Heard(number))

    def pay(self, asked_fen: int) -> int:
        """Fen handed out, 0 when it was refused."""
        spent = self.memory.spent_offline(CARD)
        offline = OfflineKnown(60, spent.payments, spent.spent_fen, OFFLINE_FEN)
        tap = Tap(NOON, FREE, 1, CardState.ACTIVE, asked_fen)
        verdict = decide(tap, RULES, Known(Tally(), offline=offline))
        if not isinstance(verdict, Approved):
            return 0
        self.sequence += 1
        own = self.memory.offline.get(CARD, OfflineSpent())
        self.memory.offline[CARD] = OfflineSpent(
            own.payments + 1, own.spent_fen + verdict.charged_fen, self.sequence
        )
        return verdict.charged_fen

    def tell(self, others: list[Window]) -> None:
        """Say the card's sum to the terminals that hear this one."""
        own = self.memory.offline[CARD]
        fact = OfflineSum(CARD, own.as_of, own.payments, own.spent_fen)
        sender = Sender(self.number, bytes(16), self.sequence)
        for other in others:
            if other is not self and other.memory.heard is not None:
                other.memory.heard.take(sender, Gossip(NOON, 0, 0, facts=(fact,)), NOON, TODAY)


def campus(groups: int, windows: int) -> list[list[Window]]:
    numbers = itertools.count(1)
    return [[Window(next(numbers)) for _ in range(windows)] for _ in range(groups)]


def eat(group: list[Window], window: int, asked_fen: int) -> int:
    fen = group[window].pay(asked_fen)
    if fen:
        group[window].tell(group)
    return fen


def devour(group: list[Window]) -> int:
    """The most a group can be brought to hand out: the largest amounts first, at every window."""
    amounts = (TIER.payment_fen_max, TIER.payment_fen_max // 2, 100, 1)
    return sum(
        eat(group, window, asked_fen)
        for asked_fen in amounts
        for window in range(len(group))
        for _ in range(TIER.payments_max + 1)
    )


@pytest.mark.parametrize("groups", range(1, 9))
@pytest.mark.parametrize("windows", [1, 2, 6])
def test_the_worst_adversary_gets_g_times_l_and_no_more(groups: int, windows: int) -> None:
    assert sum(devour(group) for group in campus(groups, windows)) == groups * OFFLINE_FEN


def test_windows_that_do_not_hear_each_other_are_groups_of_their_own() -> None:
    windows = campus(1, 6)[0]
    assert sum(devour([window]) for window in windows) == 6 * OFFLINE_FEN


TAPS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(1, TIER.payment_fen_max)),
    max_size=120,
)


@given(st.integers(1, 8), TAPS)
def test_no_order_of_taps_gets_more(groups: int, taps: list[tuple[int, int, int]]) -> None:
    places = campus(groups, 4)
    eaten = [0] * groups
    for group, window, asked_fen in taps:
        eaten[group % groups] += eat(places[group % groups], window, asked_fen)
    assert max(eaten) <= OFFLINE_FEN
    assert sum(eaten) <= groups * OFFLINE_FEN
