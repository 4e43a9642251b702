"""
What was taken: counted from the journal's own records, so a restart counts to the same sums.

A payment counts in the meal period it was made in. A voided payment stays counted and counts as
voided too, in its own period: what stands is the difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from campus_code import RecordKind, TerminalRecord

SHIFT_START = "shift_start"
SHIFT_OPENED_AT = "shift_opened_at"
"""The journal's marks of the shift that is open: after which sequence, since which second."""
RECENT_MAX = 10
DAYS_KEPT = 2


@dataclass(frozen=True, slots=True)
class Takings:
    """So many payments and their sum (fen); how many were made offline; what of it was voided."""

    payments: int = 0
    charged_fen: int = 0
    offline: int = 0
    voided: int = 0
    voided_fen: int = 0

    @property
    def stands_fen(self) -> int:
        """The sum less what was voided."""
        return self.charged_fen - self.voided_fen

    def plus(self, payment: TerminalRecord) -> Takings:
        """With one more payment."""
        return replace(
            self,
            payments=self.payments + 1,
            charged_fen=self.charged_fen + payment.charged_fen,
            offline=self.offline + (not payment.was_online),
        )

    def minus(self, payment: TerminalRecord) -> Takings:
        """With this payment voided."""
        return replace(
            self, voided=self.voided + 1, voided_fen=self.voided_fen + payment.charged_fen
        )


@dataclass(slots=True)
class TakingsBook:
    """
    Takings by (business day, period) and since the shift began after sequence `shift_start`.
    `recent` holds the last payments by sequence, `voided` which of them are.
    """

    shift_start: int = 0
    shift: Takings = field(default_factory=Takings)
    periods: dict[tuple[int, str], Takings] = field(default_factory=dict)
    recent: dict[int, TerminalRecord] = field(default_factory=dict)
    voided: set[int] = field(default_factory=set)

    def learn(self, record: TerminalRecord, undone: TerminalRecord | None = None) -> None:
        """Take over a durable record; `undone` is the payment that a reversal undoes."""
        if record.kind is RecordKind.PAYMENT:
            self._learn_payment(record)
        elif undone is not None:
            self._learn_void(record, undone)

    def begin_shift(self, start: int) -> None:
        """Count anew what comes after this sequence."""
        self.shift_start = start
        self.shift = Takings()

    def of_period(self, business_on: int, period_id: str) -> Takings:
        """What was taken in one period."""
        return self.periods.get((business_on, period_id), Takings())

    def of_day(self, business_on: int) -> Takings:
        """What was taken on one business day, over all its periods."""
        whole = Takings()
        for (on, _), one in self.periods.items():
            if on == business_on:
                whole = Takings(
                    whole.payments + one.payments,
                    whole.charged_fen + one.charged_fen,
                    whole.offline + one.offline,
                    whole.voided + one.voided,
                    whole.voided_fen + one.voided_fen,
                )
        return whole

    def _learn_payment(self, payment: TerminalRecord) -> None:
        key = payment.business_on, payment.period_id
        if key not in self.periods:
            self._forget_days(payment.business_on)
        self.periods[key] = self.of_period(*key).plus(payment)
        if payment.sequence > self.shift_start:
            self.shift = self.shift.plus(payment)
        self.recent[payment.sequence] = payment
        if len(self.recent) > RECENT_MAX:
            oldest = min(self.recent)
            del self.recent[oldest]
            self.voided.discard(oldest)

    def _learn_void(self, record: TerminalRecord, payment: TerminalRecord) -> None:
        key = payment.business_on, payment.period_id
        self.periods[key] = self.of_period(*key).minus(payment)
        if record.sequence > self.shift_start:
            self.shift = self.shift.minus(payment)
        if payment.sequence in self.recent:
            self.voided.add(payment.sequence)

    def _forget_days(self, today: int) -> None:
        kept = sorted({on for on, _ in self.periods} | {today})[-DAYS_KEPT:]
        self.periods = {key: one for key, one in self.periods.items() if key[0] in kept}
