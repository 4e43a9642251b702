"""Post a set of payments: the one path for online taps, offline uploads and reversals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from backend.domain.payment import Attempt, Outcome, OutcomeWord
from backend.domain.payment_reversal import UnpreparedError
from backend.domain.payment_set import decide_set, set_aside
from backend.domain.set_state import SetWrites, Undo
from backend.tables.ledger import DecideSet, Ledger
from backend.tables.payment_reads import (
    READS,
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
    ledger: Ledger, rules: RulesBundle, clock: Clock, attempts: Sequence[Attempt]
) -> list[Outcome]:
    """Post every attempt in one transaction and answer each, in order.

    One bad member never fails its neighbours: when the database refuses a set, its members go
    alone, and only the one it refuses is set aside.

    Raises:
        StoreUnavailableError: the database is away; the same set may be posted again later.

    """
    for _ in range(PREPARATIONS_MAX):
        undos = await undos_of(ledger, attempts)
        decide = _decider(ledger.dialect, rules, clock, attempts, undos)
        try:
            return await ledger.post(reads_of(attempts, undos, ledger.dialect), decide)
        except UnpreparedError:
            continue
        except StoreRefusedError:
            if len(attempts) == 1:
                return [await _set_aside(ledger, rules, clock, attempts[0])]
            return [
                outcome
                for one in attempts
                for outcome in await post_payments(ledger, rules, clock, [one])
            ]
    message = "a payment to be reversed kept changing while the set was prepared"
    raise StoreRefusedError(message)


def _decider(
    dialect: str,
    rules: RulesBundle,
    clock: Clock,
    attempts: Sequence[Attempt],
    undos: Mapping[tuple[int, int], Undo],
) -> DecideSet[list[Outcome]]:
    """The pure part of the set: from the rows to what is written and what is answered.

    The first try looks for what was posted before only where it may stand, and then for every
    member that is not plainly posted: a repeat must get its first answer, not "too soon". For those
    plainly posted the unique indexes answer; when one of them refuses, the next try looks for all.
    """
    tries = 0
    sought: set[int] = set()

    def decide(
        rows: list[Rows], entry_ids: Iterator[int]
    ) -> tuple[SetWrites, list[Outcome]] | Further:
        nonlocal tries, sought
        if len(rows) == READS:  # the first look of a try
            tries += 1
            sought = {place for place, one in enumerate(attempts) if may_stand(one)}
        state = state_of(
            rows, dialect=dialect, now=int(clock()), rules=rules, entry_ids=entry_ids, undos=undos
        )
        outcomes = decide_set(state, attempts)
        missing = [
            place
            for place, told in enumerate(outcomes)
            if place not in sought and (tries > 1 or told.word is not OutcomeWord.POSTED)
        ]
        if missing:
            sought.update(missing)
            return Further(reads_of_keys([attempts[place] for place in missing], dialect))
        return state.finish(), outcomes

    return decide


async def _set_aside(ledger: Ledger, rules: RulesBundle, clock: Clock, attempt: Attempt) -> Outcome:
    """Keep what the database itself refuses where a human sees it."""

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, Outcome]:
        state = state_of(
            rows,
            dialect=ledger.dialect,
            now=int(clock()),
            rules=rules,
            entry_ids=entry_ids,
            undos={},
        )
        outcome = set_aside(state, attempt, "refused_by_database")
        return state.finish(), outcome

    reads = [*reads_of([attempt], {}, ledger.dialect), *reads_of_keys([attempt], ledger.dialect)]
    return await ledger.post(reads, decide)
