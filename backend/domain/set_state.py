"""What a set of payments knows and what it changes, while it is decided.

Facts are named tuples: as immutable as frozen dataclasses and made in a quarter of the time, which
counts when two hundred payments make a thousand of them.

The rows that were read (and locked) come in as facts; each decided attempt changes the state in
memory, so that the second tap of a card in one set sees the first. What has to be written piles
up in `writes`. Nothing here reads a clock, a database or a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from backend.domain.accounts import SchoolAccount
from backend.domain.courtesy import COURTESY_REASON, GivenMeals
from backend.domain.holder_limit import LimitedHolder
from backend.domain.payment import Amounts, Attempt, Outcome, OutcomeWord, Posting
from backend.domain.payment_legs import Payer, Price, legs_of
from backend.domain.rollout import Canary
from campus_code import CardState, Refusal, RulesBundle, Tally


class PastFreeze(NamedTuple):
    """A freeze or loss that was lifted: from `begins_at` up to, not with, `ends_at`."""

    state: CardState
    begins_at: int
    ends_at: int


class CardFact(NamedTuple):
    """A card as it stands under lock. Times are Unix seconds, 0 for never."""

    id: int
    number: str
    state: CardState
    issue: int
    issue_raised_at: int
    frozen_at: int
    holder_id: int
    class_id: int
    past_freezes: tuple[PastFreeze, ...] = ()


@dataclass(slots=True)
class HolderState:
    """A cardholder's purses and tally; changes as the set is decided.

    `limited` is there only for one whose guardians set limits, `given` only for one whose purses
    did not reach where the school may give a meal; both once they were looked for.
    """

    id: int
    tally: Tally
    last_terminal_id: int
    balances: dict[str, int]
    floors: dict[str, int]
    moved: set[str] = field(default_factory=set)
    is_counted: bool = False
    limited: LimitedHolder | None = None
    given: GivenMeals | None = None

    def move(self, purse: str, amount_fen: int) -> None:
        """Add to a purse's balance (fen, negative to take)."""
        self.balances[purse] = self.balances.get(purse, 0) + amount_fen
        self.moved.add(purse)


@dataclass(slots=True)
class TerminalState:
    """A terminal under lock, with the end of the journal chain the server has accepted."""

    id: int
    merchant_id: int
    group_id: str
    is_revoked: bool
    journal_sequence: int
    journal_hash: bytes
    is_changed: bool = False
    is_broken: bool = False


class PaymentFact(NamedTuple):
    """A posted payment, as the table holds it; fields as in `tables.payment.PaymentRow`."""

    id: int
    terminal_id: int
    sequence: int
    merchant_id: int
    card_id: int
    holder_id: int
    code_key: int | None
    credential: str
    class_id: int
    period_id: str
    business_on: int
    amounts: Amounts
    borne_fen: int
    was_offline: bool
    outcome: str
    reason: str
    occurred_at: int
    posted_at: int

    @property
    def charged_fen(self) -> int:
        """Fen taken; with the day and the period this is what a tally counts."""
        return self.amounts.charged_fen

    @property
    def is_courtesy(self) -> bool:
        """Whether it was a meal on the school."""
        return self.reason == COURTESY_REASON

    def told(self, word: OutcomeWord, reason: Refusal | None = None) -> Outcome:
        """An outcome that tells this payment."""
        return Outcome(
            sequence=self.sequence,
            word=word,
            payment_id=self.id,
            amounts=self.amounts,
            class_id=self.class_id,
            period_id=self.period_id,
            business_on=self.business_on,
            reason=reason,
        )


class Undo(NamedTuple):
    """What a reversal needs to know of the payment it undoes; the card is "" when unknown."""

    payment: PaymentFact
    card_number: str
    legs: tuple[Posting, ...]
    is_corrected: bool = False


class Entry(NamedTuple):
    """A journal entry to write: postings that belong together under one id."""

    id: int
    kind: str
    legs: tuple[Posting, ...]
    corrects_id: int = 0


class Mark(NamedTuple):
    """A row that learns, in the transaction of the posting, what was posted for it.

    `table` and the names in `values` are words of our own, never what somebody sent.
    """

    table: str
    id: int
    values: tuple[tuple[str, int | str | None], ...]


class BookedRefund(NamedTuple):
    """A refund that is asked for and booked in one transaction; as in `tables.top_up.RefundRow`."""

    out_refund_no: str
    request_key: str
    top_up_id: int
    lot_id: int
    holder_id: int
    amount_fen: int
    reason: str
    made_by: str
    made_at: int
    decided_by: str
    decided_at: int
    entry_id: int
    due_at: int


@dataclass(slots=True)
class SetWrites:
    """What one transaction writes. Tuples are in the column order of their tables."""

    entries: list[Entry] = field(default_factory=list)
    payments: list[PaymentFact] = field(default_factory=list)
    reversals: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    suspense: list[tuple[int, int, int, int, str, int, int]] = field(default_factory=list)
    settled_suspense: dict[int, int] = field(default_factory=dict)
    disputes: list[tuple[int, int, int, str, int]] = field(default_factory=list)
    quarantined: list[tuple[int, int, str, bytes]] = field(default_factory=list)
    corrections: list[tuple[int, int, str, str, int, str, str, str, int]] = field(
        default_factory=list
    )
    settlements: list[tuple[int, ...]] = field(default_factory=list)
    settlement_fees: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    credits: list[tuple[int, str, int, str, int, int, str, str, int, int]] = field(
        default_factory=list
    )
    lots: list[tuple[int, int, str, str, str | None, int, int, int]] = field(default_factory=list)
    lot_returns: list[tuple[int, int, int, str, int, int, int]] = field(default_factory=list)
    cash_outs: list[tuple[int, str, int, int, int, str, str, str, int]] = field(
        default_factory=list
    )
    refunds: list[BookedRefund] = field(default_factory=list)
    proofs: list[tuple[int, int, int, int]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    holders: list[HolderState] = field(default_factory=list)
    terminals: list[TerminalState] = field(default_factory=list)


@dataclass(slots=True)
class SetState:
    """Everything one set is decided with. `now` is the server's Unix seconds.

    `limited`: the holders who have limits, whether these were read or not. `poor`: those whose
    purses did not reach where the school gives meals, so that theirs have to be counted.
    """

    now: int
    rules: RulesBundle
    entry_ids: Iterator[int]
    cards: dict[str, CardFact]
    holders: dict[int, HolderState]
    terminals: dict[int, TerminalState]
    payments: dict[tuple[int, int], PaymentFact]
    reversals: dict[tuple[int, int], int]
    spent: dict[int, int]
    undos: dict[tuple[int, int], Undo]
    limited: set[int] = field(default_factory=set)
    poor: set[int] = field(default_factory=set)
    canary: Canary | None = None
    writes: SetWrites = field(default_factory=SetWrites)

    def rules_of(self, attempt: Attempt) -> RulesBundle:
        """The rules in force at the attempt's own terminal."""
        canary = self.canary
        if canary is not None and attempt.terminal_id in canary.terminal_ids:
            return canary.bundle
        return self.rules

    def is_reversed(self, terminal_id: int, sequence: int) -> bool:
        """Whether a reversal of this attempt stands."""
        return (terminal_id, sequence) in self.reversals

    def finish(self) -> SetWrites:
        """All that must be written, once every attempt is decided."""
        self.writes.holders = [
            holder for holder in self.holders.values() if holder.moved or holder.is_counted
        ]
        self.writes.terminals = [one for one in self.terminals.values() if one.is_changed]
        return self.writes

    def post(self, kind: str, legs: tuple[Posting, ...], corrects_id: int = 0) -> int:
        """Give a journal entry its id and put it down to be written."""
        entry_id = next(self.entry_ids)
        self.writes.entries.append(Entry(entry_id, kind, legs, corrects_id))
        return entry_id

    def quarantine(self, attempt: Attempt, reason: str) -> Outcome:
        """Keep what a terminal sent and cannot be posted, for a human to see."""
        self.writes.quarantined.append(
            (attempt.terminal_id, attempt.sequence, reason, attempt.body)
        )
        return Outcome(attempt.sequence, OutcomeWord.CONFLICT, evidence={"quarantine": reason})

    def itemise(self, payment: PaymentFact, account: SchoolAccount, fen: int, why: str) -> None:
        """Name a part of a payment that the school bears, in the account that bears it."""
        if fen > 0:
            item = (payment.id, int(account), payment.holder_id, fen, why, self.now, 0)
            self.writes.suspense.append(item)

    def take_payment(self, attempt: Attempt, payer: Payer, price: Price) -> PaymentFact:
        """Post one payment: legs from whoever pays to the merchant, the row, the tally."""
        merchant_id = self.terminals[attempt.terminal_id].merchant_id
        amounts = price.amounts
        legs = legs_of(payer, price, merchant_id)
        payment = PaymentFact(
            id=self.post("payment", legs),
            terminal_id=attempt.terminal_id,
            sequence=attempt.sequence,
            merchant_id=merchant_id,
            card_id=payer.card_id,
            holder_id=payer.holder_id,
            code_key=payer.code_key,
            credential=attempt.credential.value,
            class_id=price.class_id,
            period_id=price.period_id,
            business_on=price.business_on,
            amounts=amounts,
            borne_fen=sum(part for _, part in payer.borne) if payer.borne else 0,
            was_offline=attempt.was_offline,
            outcome=payer.outcome,
            reason=payer.reason,
            occurred_at=attempt.at,
            posted_at=self.now,
        )
        self.writes.payments.append(payment)
        self.payments[attempt.terminal_id, attempt.sequence] = payment
        self.undos[attempt.terminal_id, attempt.sequence] = Undo(payment, attempt.card_number, legs)
        if payer.code_key is not None:
            self.spent[payer.code_key] = payment.id
        holder = self.holders.get(payer.holder_id)
        if holder is not None and payer.split:
            for name, part in payer.split:
                holder.move(name, -part)
        if holder is not None and holder.limited is not None and payer.code_key is not None:
            holder.limited.count(self.terminals[attempt.terminal_id].group_id, payment)
        if holder is not None and holder.given is not None and payment.is_courtesy:
            holder.given.count(payment.business_on)
        return payment


def known_tally(holder: HolderState, terminal_id: int) -> Tally:
    """The holder's tally as one terminal's rule sees it: the interval is per terminal."""
    tally = holder.tally
    if holder.last_terminal_id == terminal_id or tally.last_at is None:
        return tally
    return Tally(
        tally.business_on, tally.period, tally.day_fen, tally.meal_fen, tally.meal_count, None
    )


def tally_with(holder: HolderState, attempt: Attempt, payment: PaymentFact) -> None:
    """Count a payment in its holder's tally, whenever it arrives.

    A late record of an earlier day leaves the tally alone; one of an earlier meal of the same day
    counts for the day only.
    """
    tally = holder.tally
    is_newest = tally.last_at is None or attempt.at >= tally.last_at
    is_same_day = payment.business_on == tally.business_on
    if is_newest or (is_same_day and payment.period_id == tally.period):
        last_at = attempt.at if tally.last_at is None else max(attempt.at, tally.last_at)
        holder.tally = tally.add(payment, last_at)
    elif is_same_day:
        holder.tally = replace(tally, day_fen=tally.day_fen + payment.charged_fen)
    if is_newest:
        holder.last_terminal_id = attempt.terminal_id
    holder.is_counted = True
