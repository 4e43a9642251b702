"""
What the terminal remembers of each card: the last step that paid, today's emergency code, what it
spent. Built from the journal at the start, so a restart forgets nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from campus_code import RecordKind, Refusal, RefusedError, Tally, TerminalRecord, check_step
from qr_terminals.chain import is_emergency
from qr_terminals.journal import Journal
from qr_terminals.takings import TakingsBook

NO_TALLY = Tally()
NO_DAY = (0, 0)


@dataclass(frozen=True, slots=True)
class OfflineSpent:
    """What one card spent here without the server since the last sync."""

    payments: int = 0
    spent_fen: int = 0


NOTHING_SPENT = OfflineSpent()


@dataclass(slots=True)
class Memory:
    """
    The last step by (card, issue), the last emergency day by card, tallies by card; by card and
    group of terminals the last business day and what was spent on it (fen).
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
    takings: TakingsBook = field(default_factory=TakingsBook)

    def check_code(self, card_number: str, issue: int, step: int) -> None:
        """Steps of one (card, issue) strictly increase, else ALREADY_USED."""
        check_step(step, max(self.steps.get((card_number, issue), 0), self.step_floor))

    def check_emergency(self, card_number: str, day: int) -> None:
        """One emergency code a card a day (YYYYMMDD), else EMERGENCY_USED."""
        if self.emergency_days.get(card_number, 0) >= day:
            raise RefusedError(Refusal.EMERGENCY_USED)

    def learn(self, record: TerminalRecord) -> None:
        """Take over a record that is durable."""
        self.last_occurred_at = max(self.last_occurred_at, record.occurred_at)
        if record.kind is RecordKind.REVERSAL:
            self._learn_reversal(record)
            return
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
            spent.payments + 1, spent.spent_fen + record.charged_fen
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
                max(spent.payments - 1, 0), max(spent.spent_fen - payment.charged_fen, 0)
            )


def remember(journal: Journal) -> Memory:
    """Everything a journal knows of cards; JournalBrokenError when its chain is not whole."""
    memory = Memory(step_floor=journal.mark("step_floor"))
    memory.takings.begin_shift(journal.mark("shift_start"))
    for card, issue, is_for_emergency, step in journal.used():
        memory.learn_use(card, issue, step, is_for_emergency=is_for_emergency)
    for held in journal.records():
        memory.learn(held.record)
    memory.synced(journal.mark("synced_through"))
    return memory
