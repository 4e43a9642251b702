"""
What the terminal remembers of each card: the last step that paid, today's emergency code, what it
spent. Built from the journal at the start, so a restart forgets nothing.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

from campus_code import RecordKind, Refusal, RefusedError, Tally, TerminalRecord, check_step
from qr_terminals.chain import NO_KEY, is_emergency, key_of
from qr_terminals.errors import JournalBrokenError
from qr_terminals.heard import Heard
from qr_terminals.journal import Journal
from qr_terminals.takings import SHIFT_OPENED_AT, SHIFT_START, TakingsBook

NO_TALLY = Tally()
NO_DAY = (0, 0)
RECORDS_LEARNT = 20_000
"""More than one terminal sells on any day: older records count for steps and for nothing else."""


@dataclass(frozen=True, slots=True)
class OfflineSpent:
    """
    What one card spent without the server since the last sync; `as_of` is the sequence of the
    record that changed it last.
    """

    payments: int = 0
    spent_fen: int = 0
    as_of: int = 0


NOTHING_SPENT = OfflineSpent()


@dataclass(slots=True)
class Memory:
    """
    The last step by (card, issue), the last emergency day by card, tallies by card; by card and
    group of terminals the last business day and what was spent on it (fen). `heard` is what
    neighbours said, None without neighbours.
    """

    steps: dict[tuple[str, int], int] = field(default_factory=dict)
    emergency_days: dict[str, int] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    groups: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    offline: dict[str, OfflineSpent] = field(default_factory=dict)
    payments: dict[int, TerminalRecord] = field(default_factory=dict)
    reversed_sequences: set[int] = field(default_factory=set)
    step_floor: int = 0
    last_approved: TerminalRecord | None = None
    last_occurred_at: int = 0
    heard: Heard | None = None
    takings: TakingsBook = field(default_factory=TakingsBook)

    def check_code(self, card_number: str, issue: int, step: int) -> None:
        """Steps of one (card, issue) strictly increase, else ALREADY_USED."""
        check_step(step, max(self.steps.get((card_number, issue), 0), self.step_floor))
        if self.heard is not None and self.heard.is_in_use(card_number, issue, step):
            raise RefusedError(Refusal.ALREADY_USED)

    def check_emergency(self, card_number: str, day: int) -> None:
        """One emergency code a card a day (YYYYMMDD), else EMERGENCY_USED."""
        if self.emergency_days.get(card_number, 0) >= day:
            raise RefusedError(Refusal.EMERGENCY_USED)
        if self.heard is not None and self.heard.was_emergency_used(card_number, day):
            raise RefusedError(Refusal.EMERGENCY_USED)

    def spent_offline(self, card: str) -> OfflineSpent:
        """What a card spent without the server, here and at the neighbours."""
        own = self.offline.get(card, NOTHING_SPENT)
        if self.heard is None:
            return own
        payments, spent_fen = self.heard.spent(card)
        return OfflineSpent(own.payments + payments, own.spent_fen + spent_fen, own.as_of)

    def offline_fen(self) -> int:
        """What this terminal has approved alone since the last sync, over all cards."""
        return sum(spent.spent_fen for spent in self.offline.values())

    def learn(self, record: TerminalRecord) -> None:
        """Take over a record that is durable."""
        self.last_occurred_at = max(self.last_occurred_at, record.occurred_at)
        if record.kind is RecordKind.REVERSAL:
            self._learn_reversal(record)
            return
        if key_of(record) is not NO_KEY:
            self.learn_use(
                record.card_number, record.issue, record.step, is_for_emergency=is_emergency(record)
            )
        self.payments[record.sequence] = record
        self.takings.learn(record)
        self.last_approved = record
        card = record.card_number
        self.tallies[card] = self.tallies.get(card, NO_TALLY).add(record, record.occurred_at)
        self._learn_group(record)
        self._learn_offline(record)

    def spent_in(self, card: str, group_id: str, business_on: int) -> int:
        """What a card has spent here on a business day as a terminal of this group, in fen."""
        day, fen = self.groups.get((card, group_id), NO_DAY)
        return fen if day == business_on else 0

    def synced(self, through: int) -> None:
        """The server knows every record up to this sequence: offline budgets begin anew after."""
        self.offline.clear()
        for sequence, record in self.payments.items():
            if sequence > through and sequence not in self.reversed_sequences:
                self._learn_offline(record)

    def forget_payments(self, before: int, through: int) -> None:
        """Drop what is uploaded (`through`) and too old to be voided (`before`, Unix seconds)."""
        for sequence, payment in list(self.payments.items()):
            if sequence <= through and payment.occurred_at < before:
                del self.payments[sequence]
                self.reversed_sequences.discard(sequence)

    def learn_use(self, card: str, issue: int, step: int, *, is_for_emergency: bool) -> None:
        """A step, or the day of an emergency code, has paid."""
        if is_for_emergency:
            self.emergency_days[card] = max(self.emergency_days.get(card, 0), step)
        else:
            self.steps[card, issue] = max(self.steps.get((card, issue), 0), step)

    def _learn_group(self, record: TerminalRecord) -> None:
        spent_fen = self.spent_in(record.card_number, record.group_id, record.business_on)
        key = record.card_number, record.group_id
        self.groups[key] = record.business_on, spent_fen + record.charged_fen

    def _learn_offline(self, record: TerminalRecord) -> None:
        if record.was_online:
            return
        spent = self.offline.get(record.card_number, NOTHING_SPENT)
        self.offline[record.card_number] = OfflineSpent(
            spent.payments + 1, spent.spent_fen + record.charged_fen, record.sequence
        )

    def _learn_reversal(self, record: TerminalRecord) -> None:
        self.reversed_sequences.add(record.reverses)
        if self.last_approved is not None and self.last_approved.sequence == record.reverses:
            self.last_approved = None
        payment = self.payments.get(record.reverses)
        if payment is None:
            return
        self.takings.learn(record, payment)
        card = payment.card_number
        self.tallies[card] = self.tallies.get(card, NO_TALLY).subtract(payment)
        spent_fen = self.spent_in(card, payment.group_id, payment.business_on)
        if spent_fen:
            left_fen = max(spent_fen - payment.charged_fen, 0)
            self.groups[card, payment.group_id] = payment.business_on, left_fen
        spent = self.offline.get(card)
        if spent is not None and not payment.was_online:
            self.offline[card] = OfflineSpent(
                max(spent.payments - 1, 0),
                max(spent.spent_fen - payment.charged_fen, 0),
                record.sequence,
            )


def remember(journal: Journal) -> Memory:
    """
    Everything a journal knows of cards: every step that paid, and all else of the newest records
    and of those no sync has taken over. Of a broken journal what is sound; it takes no money.
    """
    memory = Memory(step_floor=journal.mark("step_floor"))
    shift_start = journal.mark(SHIFT_START)
    memory.takings.begin_shift(shift_start)
    for card, issue, is_for_emergency, step in journal.used():
        memory.learn_use(card, issue, step, is_for_emergency=is_for_emergency)
    synced_through = journal.mark("synced_through")
    learnt_after = [synced_through, journal.sequence - RECORDS_LEARNT]
    if journal.mark(SHIFT_OPENED_AT):  # a shift is counted whole, however long it has been open
        learnt_after.append(shift_start)
    with contextlib.suppress(JournalBrokenError):  # `journal.broken` says so, and the screen
        for held in journal.records(after=min(learnt_after)):
            memory.learn(held.record)
    memory.synced(synced_through)
    return memory
