"""What the books should say, worked out in plain Python from what people and tills did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from backend.domain.payment import Attempt, AttemptKind

GIFT_FEN_MAX, GIFTS_MAX = 2000, 2
"""The most a meal on the school may cost; how many a person is given on the one day there is."""


@dataclass
class Person:
    """A cardholder: purses in fen, and what happened to the card."""

    cash: int
    benefit: int = 0
    issue: int = 1
    raised_at: int = 0
    freezes: list[tuple[int, int | None]] = field(default_factory=list)
    is_closed: bool = False

    def is_frozen(self, at: int) -> bool:
        """Whether the card was frozen at that second, whatever happened since."""
        return any(begins <= at and (ends is None or at < ends) for begins, ends in self.freezes)


@dataclass
class Paid:
    """One payment that stands: from which purse, what the school bears on which account."""

    key: tuple[int, int]
    person: int
    fen: int
    cash: int = 0
    benefit: int = 0
    risk: int = 0
    suspense: int = 0
    gift: int = 0
    refunded: int = 0
    is_undone: bool = False

    @property
    def stands(self) -> bool:
        """Whether anything of it does."""
        return not self.is_undone and self.refunded < self.fen


@dataclass
class Model:
    """Everything that stands. `people` by holder, `ends` the accepted end of each journal."""

    people: dict[int, Person] = field(default_factory=dict)
    cards: dict[str, int] = field(default_factory=dict)
    paid: dict[tuple[int, int], Paid] = field(default_factory=dict)
    spent: set[int] = field(default_factory=set)
    undone: set[tuple[int, int]] = field(default_factory=set)
    ends: Counter[int] = field(default_factory=Counter)

    def online(self, tap: Attempt, at: int) -> str:
        """A tap that is asked before it is answered."""
        key = (tap.terminal_id, tap.sequence)
        if key in self.paid:
            return "declined" if self.paid[key].is_undone else "repeated"
        person = self.people[self.cards[tap.card_number]]
        fen = tap.asked_fen or 0
        is_refused = (
            key in self.undone
            or tap.issue != person.issue
            or tap.code_key in self.spent
            or person.is_closed
            or person.is_frozen(at)
        )
        is_poor = fen > person.cash + person.benefit
        if is_refused or (is_poor and not self._is_gift(self.cards[tap.card_number], fen)):
            return "declined"
        if is_poor:
            self.paid[key] = Paid(key, self.cards[tap.card_number], fen, gift=fen)
            self.spent.add(tap.code_key)
        else:
            self._charge(tap, person, fen)
        return "posted"

    def _is_gift(self, holder: int, fen: int) -> bool:
        had = [one for one in self.paid.values() if one.person == holder and one.gift]
        return fen <= GIFT_FEN_MAX and sum(one.stands for one in had) < GIFTS_MAX

    def upload(self, record: Attempt) -> str:
        """One record of a journal, wherever it stands in the upload."""
        till = record.terminal_id
        if record.sequence > self.ends[till] + 1:
            return "gap"
        is_new = record.sequence == self.ends[till] + 1
        if is_new:
            self.ends[till] += 1
        if record.kind is AttemptKind.REVERSAL:
            return self._undo(record, is_new=is_new)
        key = (till, record.sequence)
        if key in self.paid:
            return "repeated"
        if not is_new or key in self.undone:
            return "conflict"
        return self._record(record)

    def _undo(self, record: Attempt, *, is_new: bool) -> str:
        key = (record.terminal_id, record.reverses)
        paid = self.paid.get(key)
        if key in self.undone:
            return "reversed" if paid else "nothing_to_reverse"
        if not is_new or (paid and paid.refunded):
            return "conflict"
        self.undone.add(key)
        if paid is None:
            return "nothing_to_reverse"
        paid.is_undone = True
        person = self.people[paid.person]
        person.cash += paid.cash
        person.benefit += paid.benefit
        return "reversed"

    def _record(self, record: Attempt) -> str:
        person = self.people[self.cards[record.card_number]]
        fen = record.amounts.charged_fen
        key = (record.terminal_id, record.sequence)
        paid = Paid(key, self.cards[record.card_number], fen)
        if record.fault is None and record.code_key in self.spent:
            paid.risk = fen
            self.paid[key] = paid
            return "disputed"
        if record.fault is None and person.is_closed:
            paid.suspense = fen
            self.paid[key] = paid
            return "suspense"
        is_old = record.issue != person.issue and record.at >= person.raised_at
        if record.fault is not None or is_old or person.is_frozen(record.at):
            paid.risk = fen
            self.paid[key] = paid
            return "suspense"
        return "suspense" if self._charge(record, person, fen) else "posted"

    def _charge(self, attempt: Attempt, person: Person, fen: int) -> int:
        """Benefit first, then cash; answers what is missing."""
        benefit = min(fen, person.benefit)
        cash = min(fen - benefit, person.cash)
        short = fen - benefit - cash
        person.benefit -= benefit
        person.cash -= cash
        key = (attempt.terminal_id, attempt.sequence)
        holder = self.cards[attempt.card_number]
        self.paid[key] = Paid(key, holder, fen, cash, benefit, suspense=short)
        self.spent.add(attempt.code_key)
        return short

    def refund(self, key: tuple[int, int], fen: int) -> bool:
        """Two people give a part back, cash first; False when it cannot be."""
        paid = self.paid[key]
        is_borne = paid.risk or paid.suspense or paid.gift
        if paid.is_undone or is_borne or paid.refunded + fen > paid.fen:
            return False
        person = self.people[paid.person]
        cash = min(fen, max(paid.cash - paid.refunded, 0))
        person.cash += cash
        person.benefit += fen - cash
        paid.refunded += fen
        return True

    def void(self, key: tuple[int, int]) -> bool:
        """Two people take the whole back, a meal on the school too; False when it cannot be."""
        paid = self.paid[key]
        if paid.is_undone or paid.risk or paid.suspense or paid.refunded:
            return False
        person = self.people[paid.person]
        person.cash += paid.cash
        person.benefit += paid.benefit
        paid.refunded = paid.fen
        return True

    def standing(self) -> tuple[int, int, int, int]:
        """(merchant's takings, risk, suspense, meals on the school) in fen."""
        alive = [one for one in self.paid.values() if not one.is_undone]
        return (
            sum(one.fen - one.refunded for one in alive),
            sum(one.risk for one in alive),
            sum(one.suspense for one in alive),
            sum(one.gift for one in alive if one.stands),
        )
