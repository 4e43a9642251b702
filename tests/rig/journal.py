"""A terminal's journal in memory: records chained as on the device, uploaded in any pieces."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.domain.payment import Attempt, AttemptKind
from campus_code import chain_hash
from campus_code.record import FIRST_HASH
from tests.rig.campus import Campus


@dataclass
class Journal:
    """Every record with the hash of the chain before it; `hash` is the end of the chain."""

    campus: Campus
    terminal_id: int
    hash: bytes = FIRST_HASH
    records: list[Attempt] = field(default_factory=list)

    def write(self, attempt: Attempt) -> Attempt:
        """Chain a record or reversal under the next sequence."""
        sequence = len(self.records) + 1
        body = f"{attempt.kind}|{sequence}|{attempt.card_number}|{attempt.amounts}".encode()
        made = attempt._replace(sequence=sequence, body=body, previous_hash=self.hash)
        self.records.append(made)
        self.hash = chain_hash(self.hash, body)
        return made

    def pay(self, holder_id: int, fen: int, **changes: object) -> Attempt:
        """One payment approved offline."""
        return self.write(self.campus.record(self.terminal_id, holder_id, fen, **changes))

    def undo(self, reverses: int) -> Attempt:
        """A void of one of the journal's payments; 0 undoes its own sequence."""
        number = reverses or len(self.records) + 1
        at = int(self.campus.now)
        reversal = Attempt(AttemptKind.REVERSAL, self.terminal_id, 0, at, reverses=number)
        return self.write(reversal)
