"""
Doing what the state machine wants: looking, asking, deciding alone, journaling, showing.

Every method runs on the terminal's one thread. What is learnt from a record is learnt after it is
durable, never before.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from campus_code import (
    Approved,
    Chip,
    Declined,
    Refusal,
    RefusedError,
    ShapeError,
    TerminalRecord,
    WrongCodeGate,
    business_day,
    period_at,
)
from campus_code.rules import LEASE_SECONDS, STOP, trust_at
from campus_code.verify import WRONG_CHIP_WEIGHT
from qr_terminals.answers import Answer
from qr_terminals.asking import Asker, Circuit
from qr_terminals.cards.identify import Wanted
from qr_terminals.cards.safe import HeldKeys, Safe
from qr_terminals.chain import NO_KEY, Attempt, is_emergency, key_of
from qr_terminals.clock import TrustedClock
from qr_terminals.drill import Drill
from qr_terminals.events import Look
from qr_terminals.holdings import Held, Holdings
from qr_terminals.journal import Journal
from qr_terminals.judge import Offered, Presented, Ready, decide_alone, look, ready, wants_amount
from qr_terminals.lease import Lease
from qr_terminals.memory import remember
from qr_terminals.neighbours import Neighbours
from qr_terminals.recording import Basis, payment_record, reversal_record

VOID_SECONDS_MAX = 600
RESTART_SHOWN_SECONDS = 300
MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class TillParts:
    """What a till works with. `asker` is made by its owner, who gets the answers."""

    group_id: str
    journal: Journal
    holdings: Holdings
    clock: TrustedClock
    asker: Asker
    boot: Callable[[], float]
    neighbours: Neighbours | None = None
    psam: Safe | None = None


class Till:
    """The money side of a terminal."""

    def __init__(self, parts: TillParts) -> None:
        self._parts = parts
        self._journal = parts.journal
        self._basis_held = Held()
        self._basis_age = 0
        self._known_last: Ready | None = None
        self.memory = remember(parts.journal)
        if parts.neighbours is not None:
            self.memory.heard = parts.neighbours.heard
            parts.neighbours.synced_through = parts.journal.mark("synced_through")
        self.circuit = Circuit()
        self.gate = WrongCodeGate()
        self.drill = Drill()
        self._looked_at = 0.0
        self.last_sync_at = parts.journal.mark("last_sync_at")
        self._lease = Lease(parts.journal, parts.boot())
        parts.clock.raise_mark(max(self.last_sync_at, self.memory.last_occurred_at))
        parts.clock.raise_signed_mark(parts.holdings.now.issued_at)

    # -------------------------------------------------------------------------- one tap

    def look(self, wanted: Look) -> tuple[Presented, bool]:
        """
        Verify a text; the credential, and whether to ask the server. RefusedError says no.

        JournalFullError: nothing is sold until there is room again.
        """
        self._looked_at = self._parts.boot()
        known = self._known()
        self._journal.check_room()
        at = self._parts.clock.now()
        if at is None:
            raise RefusedError(Refusal.CLOCK_UNTRUSTED)
        self.gate.check(at)
        wants = wants_amount(known, self._parts.group_id)
        asked_fen = wanted.asked_fen if wants else None
        offered = Offered(wanted.text, at, asked_fen, wanted.pin, wanted.proof)
        try:
            presented = look(offered, known, self.memory)
        except RefusedError as error:
            is_guess = isinstance(wanted.proof, Chip) and error.refusal is Refusal.UNKNOWN_CARD
            if is_guess or error.refusal is Refusal.WRONG_CODE:
                self.gate = self.gate.after_wrong(at, WRONG_CHIP_WEIGHT if is_guess else 1)
            raise
        if wants and asked_fen is None:
            raise RefusedError(Refusal.NO_PRICE)
        is_to_pay = not wanted.is_training  # a code shown to practise is still good next door
        if is_to_pay and self._parts.neighbours is not None:
            self._parts.neighbours.say_tried(presented)
        return presented, self.asks_server()

    def note_unread(self, reason: Refusal) -> None:
        """A card that did not prove itself counts as a wrong chip: somebody may be guessing."""
        at = self._parts.clock.now()
        if at is not None and reason is Refusal.WRONG_CHIP:
            self.gate = self.gate.after_wrong(at, WRONG_CHIP_WEIGHT)

    def wanted(self, terminal_id: int, amount_fen: int | None) -> Wanted | None:
        """What to ask of the next card in the field; None while nothing is taken."""
        known, at = ready(self._parts.holdings.now), self._parts.clock.now()
        if known is None or at is None or self.gate.paused_until(at) is not None:
            return None
        wants = wants_amount(known, self._parts.group_id)
        asked_fen = amount_fen or 0 if wants else 0
        today = business_day(at, known.rules)
        safe = self._parts.psam or HeldKeys(known.held.chip_keys, secrets.token_bytes)
        return Wanted(terminal_id, asked_fen, known.rules.nfc, safe, today)

    def begin(self, presented: Presented) -> int:
        """Make an attempt durable; its sequence."""
        sequence = self._journal.next_sequence
        self._journal.begin(
            Attempt(
                sequence,
                presented.text,
                presented.card_number,
                presented.issue,
                presented.step,
                presented.at,
            )
        )
        return sequence

    def ask(self, presented: Presented, sequence: int) -> float:
        """Send the request; the boot second at which the terminal stops waiting for it."""
        rules = self._known().rules
        deadline = rules.online_deadline_milliseconds / MILLISECONDS
        body: dict[str, object] = {
            "sequence": sequence,
            "credential": presented.text,
            "credential_kind": presented.kind.value,
            "asked_fen": presented.asked_fen,
        }
        if presented.pin is not None:
            body["pin"] = presented.pin
        if presented.answered is not None:
            body["challenge"] = presented.answered.told
        self._parts.asker.ask(sequence, body, deadline)
        return self._parts.boot() + deadline

    def decide_alone(self, presented: Presented) -> Approved | Declined:
        """The verdict without the server."""
        known = self._known()
        if self._parts.clock.now() is None:
            return Declined(Refusal.CLOCK_UNTRUSTED, {})
        self._basis_age = self.sync_age_seconds()
        return decide_alone(presented, known, self.memory, self._parts.group_id, self._basis_age)

    def commit(
        self, presented: Presented, amounts: Approved | Answer, sequence: int | None
    ) -> TerminalRecord:
        """Make a payment durable. RefusedError when this code has paid, JournalError."""
        if isinstance(amounts, Answer):
            self._basis_age = self.sync_age_seconds()
        try:
            record = payment_record(presented, amounts, self._basis(self._basis_age))
        except ShapeError as error:
            # the server's amounts are none: the attempt is reversed rather than believed
            raise RefusedError(Refusal.REVERSED) from error
        paid = self._append(record, closes_attempt=sequence is not None)
        boot_at = self._parts.boot()
        if self.drill.is_on(boot_at):
            self.drill = self.drill.paid(paid.charged_fen, boot_at - self._looked_at)
        return paid

    def close(self, presented: Presented, sequence: int) -> TerminalRecord:
        """Reverse the attempt under way; the server undoes whatever it may have posted."""
        return self._close(presented.card_number, presented.issue, sequence)

    def void(self, payment: TerminalRecord) -> TerminalRecord:
        """Reverse an earlier payment."""
        record = reversal_record(
            payment.card_number,
            payment.issue,
            payment.sequence,
            self._rough(),
            self._basis(self.sync_age_seconds()),
        )
        return self._append(record, closes_attempt=False)

    def count(self, reason: Refusal) -> None:
        """Count a refusal for the heartbeat."""
        if self.drill.is_on(self._parts.boot()):
            self.drill = self.drill.refused()
        rules = self._parts.holdings.now.rules
        if rules is not None:
            self._journal.count_refusal(business_day(self._rough(), rules), reason.value)

    # -------------------------------------------------------------------- starts and syncs

    def close_left_open(self) -> TerminalRecord | None:
        """Reverse the attempt that was open when the program ended, if there is one."""
        attempt = self._journal.open_attempt()
        if attempt is None:
            return None
        return self._close(attempt.card_number, attempt.issue, attempt.sequence)

    def last_young(self) -> TerminalRecord | None:
        """The last payment, if it is so young that its holder may still stand there."""
        return self._young(RESTART_SHOWN_SECONDS)

    def voidable(self, sequence: int | None = None) -> TerminalRecord | None:
        """
        The payment a cashier may void now, for ten minutes: the last one, or the one of this
        sequence if it is among the last ten and was not voided.
        """
        if sequence is None:
            return self._young(VOID_SECONDS_MAX)
        takings = self.memory.takings
        payment = takings.recent.get(sequence)
        if payment is None or sequence in takings.voided or not self._is_young(payment):
            return None
        return payment

    def synced(self, at: int, through: int | None) -> None:
        """A sync went through at Unix second `at`, every record up to `through` went up."""
        self.last_sync_at = at
        self._lease.renew(self._parts.boot())
        self.circuit = self.circuit.after_sync()
        if through is not None:
            self.memory.synced(through)
            self.memory.forget_payments(at - VOID_SECONDS_MAX, through)
            if self._parts.neighbours is not None:
                self._parts.neighbours.synced_through = through

    def sync_age_seconds(self) -> int:
        """Seconds since the last sync; since 1970 when there was none."""
        return max(self._rough() - self.last_sync_at, 0)

    def is_lease_over(self) -> bool:
        """Whether the last sync is so old that nothing may be taken until the next one."""
        rules = self._parts.holdings.now.rules
        lease_seconds = LEASE_SECONDS if rules is None else rules.lease_seconds
        run_seconds = self._lease.run_seconds(self._parts.boot())
        age_seconds = max(self.sync_age_seconds(), run_seconds)
        return self.last_sync_at > 0 and age_seconds > lease_seconds

    def trust(self) -> str:
        """What the age of the last sync is worth: fresh, stale, old or stop."""
        rules = self._parts.holdings.now.rules
        return STOP if rules is None else trust_at(rules.offline, self.sync_age_seconds())[0]

    def period(self) -> tuple[int, str]:
        """The business day and the meal period it is now; 0 and "" without rules."""
        rules = self._parts.holdings.now.rules
        if rules is None:
            return 0, ""
        now = self._rough()
        period = period_at(now, rules)
        return business_day(now, rules), period.id if period is not None else ""

    def asks_server(self) -> bool:
        """Whether the next tap is asked about, or decided here alone."""
        boot_at = self._parts.boot()
        is_alone = self.drill.is_on(boot_at) or self._parts.asker.is_busy
        return self.circuit.may_ask(boot_at) and not is_alone

    # ---------------------------------------------------------------------------- inside

    def _known(self) -> Ready:
        held = self._parts.holdings.now
        if self._known_last is None or held is not self._known_last.held:
            self._known_last = ready(held)
        if self._known_last is None:
            raise RefusedError(Refusal.OFFLINE_TOO_LONG)
        self._basis_held = held  # the record says which versions its verdict rested on
        return self._known_last

    def _basis(self, age_seconds: int) -> Basis:
        return Basis(
            self._journal.next_sequence, self._parts.group_id, self._basis_held, age_seconds
        )

    def _close(self, card_number: str, issue: int, sequence: int) -> TerminalRecord:
        basis = self._basis(self.sync_age_seconds())
        record = reversal_record(card_number, issue, sequence, self._rough(), basis)
        return self._append(record, closes_attempt=True)

    def _append(self, record: TerminalRecord, *, closes_attempt: bool) -> TerminalRecord:
        self._journal.append(record, closes_attempt=closes_attempt)
        self.memory.learn(record)
        if self._parts.neighbours is not None:
            spent = self.memory.offline.get(record.card_number)
            self._parts.neighbours.say_paid(record, spent)
        self._parts.clock.raise_mark(record.occurred_at)
        if key_of(record) is not NO_KEY and not is_emergency(record):
            self._parts.clock.hear_step(record.card_number, record.step, record.occurred_at)
        return record

    def _young(self, seconds: int) -> TerminalRecord | None:
        last = self.memory.last_approved
        return last if last is not None and self._is_young(last, seconds) else None

    def _is_young(self, payment: TerminalRecord, seconds: int = VOID_SECONDS_MAX) -> bool:
        return self._rough() - payment.occurred_at <= seconds

    def _rough(self) -> int:
        return self._parts.clock.rough()
