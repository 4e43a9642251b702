"""Post a set of payments: the one path for online taps, offline uploads and reversals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto

from backend.domain.payment import Attempt, Outcome, OutcomeWord
from backend.domain.payment_reversal import UnpreparedError
from backend.domain.payment_set import decide_set, set_aside
from backend.domain.rollout import Canary
from backend.domain.set_state import SetState, SetWrites, Undo
from backend.tables.courtesy_reads import reads_of_courtesy, take_courtesy
from backend.tables.ledger import Ledger
from backend.tables.limit_reads import reads_of_limits, take_limits
from backend.tables.payment_reads import (
    NATURAL_READS,
    may_stand,
    reads_of,
    reads_of_keys,
    state_of,
    undos_of,
)
from backend.tables.store import Further, Rows, StoreRefusedError
from backend.usecases.ports import Clock
from campus_code import RulesBundle

PREPARATIONS_MAX = 5
"""How often a set is prepared anew because a payment it undoes appeared meanwhile."""


async def post_payments(
    ledger: Ledger,
    rules: RulesBundle,
    clock: Clock,
    attempts: Sequence[Attempt],
    canary: Canary | None = None,
) -> list[Outcome]:
    """Post every attempt in one transaction and answer each, in order.

    `canary`: the terminals at which other rules are in force, and these.

    One bad member never fails its neighbours: when the database refuses a set, its members go
    alone, and only the one it refuses is set aside.

    Raises:
        StoreUnavailableError: the database is away; the same set may be posted again later.

    """
    for _ in range(PREPARATIONS_MAX):
        undos = await undos_of(ledger, attempts)
        plan = _Plan(ledger.dialect, rules, clock, attempts, undos, canary=canary)
        try:
            return await ledger.post(plan.first_reads(), plan.decide)
        except UnpreparedError:
            continue
        except StoreRefusedError:
            if len(attempts) == 1:
                return await ledger.post(plan.all_reads(), plan.set_aside)
            return [
                outcome
                for one in attempts
                for outcome in await post_payments(ledger, rules, clock, [one], canary)
            ]
    message = "a payment to be reversed kept changing while the set was prepared"
    raise StoreRefusedError(message)


class _Part(Enum):
    """What the rows after the first ones answer."""

    KEYS = auto()
    LIMITS = auto()
    COURTESY = auto()


class _Plan:
    """What one set reads and, from the rows, what is written and what is answered.

    The first try looks for what was posted before only where it may stand, and then for every
    member that is not plainly posted: a repeat must get its first answer, not "too soon". For those
    plainly posted the unique indexes answer; when one of them refuses, the next try looks for all.
    What guardians limit is looked for only where somebody in the set is limited, the meals on the
    school only where somebody's purses do not reach and one might be given.
    """

    def __init__(
        self,
        dialect: str,
        rules: RulesBundle,
        clock: Clock,
        attempts: Sequence[Attempt],
        undos: Mapping[tuple[int, int], Undo],
        *,
        canary: Canary | None,
    ) -> None:
        self._dialect, self._rules, self._clock = dialect, rules, clock
        self._canary = canary
        self._attempts, self._undos = attempts, undos
        self._reads = reads_of(attempts, undos, dialect)
        self._likely = [place for place, one in enumerate(attempts) if may_stand(one)]
        self._first = len(self._reads) + NATURAL_READS * bool(self._likely)
        self._sought: set[int] = set()
        self._poor: set[int] = set()
        self._parts: list[tuple[_Part, int]] = []
        self._tries = 0

    def first_reads(self) -> list[str]:
        """The SELECTs a try begins with."""
        return [*self._reads.values(), *self._keys_of(self._likely)]

    def decide(
        self, rows: list[Rows], entry_ids: Iterator[int]
    ) -> tuple[SetWrites, list[Outcome]] | Further:
        """Decide the set, or say what has to be looked for first."""
        is_first = len(rows) == self._first
        if is_first:
            self._tries += 1
            self._sought, self._poor = set(self._likely), set()
            self._parts = [(_Part.KEYS, self._first - len(self._reads))]
        state = self.state(rows, entry_ids)
        if is_first and state.limited:
            limits = reads_of_limits(state.limited, self._attempts, self._rules)
            if limits:
                return self._further({_Part.LIMITS: limits})
        outcomes = decide_set(state, self._attempts)
        missing = [
            place
            for place, told in enumerate(outcomes)
            if place not in self._sought
            and (self._tries > 1 or told.word is not OutcomeWord.POSTED)
        ]
        self._sought.update(missing)
        self._poor |= state.poor
        if missing or state.poor:
            poor = state.poor and reads_of_courtesy(state.poor, self._attempts, self._rules)
            return self._further({_Part.KEYS: self._keys_of(missing), _Part.COURTESY: poor or ()})
        return state.finish(), outcomes

    def set_aside(
        self, rows: list[Rows], entry_ids: Iterator[int]
    ) -> tuple[SetWrites, list[Outcome]]:
        """Keep what the database itself refuses where a human sees it."""
        self._parts, self._poor = [(_Part.KEYS, NATURAL_READS)], set()
        state = self.state(rows, entry_ids)
        outcomes = [set_aside(state, one, "refused_by_database") for one in self._attempts]
        return state.finish(), outcomes

    def all_reads(self) -> list[str]:
        """The SELECTs that leave nothing to be looked for."""
        return [*self._reads.values(), *self._keys_of(range(len(self._attempts)))]

    def state(self, rows: list[Rows], entry_ids: Iterator[int]) -> SetState:
        """What the rows say, at this moment."""
        found: dict[_Part, list[Rows]] = {part: [] for part in _Part}
        place = len(self._reads)
        for part, count in self._parts:
            found[part] += rows[place : place + count]
            place += count
        state = state_of(
            dict(zip(self._reads, rows, strict=False)),
            found[_Part.KEYS],
            dialect=self._dialect,
            now=int(self._clock()),
            rules=self._rules,
            canary=self._canary,
            entry_ids=entry_ids,
            undos=self._undos,
        )
        if found[_Part.LIMITS]:
            take_limits(state, *found[_Part.LIMITS])
        take_courtesy(state, self._poor, [row for more in found[_Part.COURTESY] for row in more])
        return state

    def _further(self, reads: Mapping[_Part, tuple[str, ...]]) -> Further:
        self._parts += [(part, len(more)) for part, more in reads.items()]
        return Further(tuple(read for more in reads.values() for read in more))

    def _keys_of(self, places: Sequence[int]) -> tuple[str, ...]:
        attempts = [self._attempts[place] for place in places]
        return reads_of_keys(attempts, self._dialect) if attempts else ()
