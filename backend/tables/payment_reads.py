"""Reading every row a set of attempts touches, locked in one order: terminals, cards, the rest.

What an attempt's natural keys have posted before is read only for those that are likely to stand
(`may_stand`) or that were not plainly posted; all others are hardly ever there, looking for them
took a quarter of the database's time, and the unique indexes refuse the set if one is.

Locking the terminals first makes one terminal's attempts wait for each other, so a reversal and
the payment it undoes cannot pass one another in two processes. Locking the cards, holders, tallies
and purses next makes a freeze and a payment of the same card take turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from backend.domain.accounts import PURSES, PURSES_MAX, purse_account
from backend.domain.payment import Amounts, Attempt, AttemptKind, Posting
from backend.domain.rollout import Canary
from backend.domain.set_state import (
    CardFact,
    HolderState,
    PastFreeze,
    PaymentFact,
    SetState,
    TerminalState,
    Undo,
)
from backend.tables import sql
from backend.tables.store import LOCKS, Rows
from campus_code import CardState, RulesBundle, Tally

PAYMENT_COLUMNS = (
    "id,terminal_id,sequence,merchant_id,card_id,holder_id,code_key,credential,class_id,"
    "period_id,business_on,nominal_fen,discount_fen,fee_fen,charged_fen,borne_fen,was_offline,"
    "outcome,reason,occurred_at,posted_at"
)
LEGS_MAX = 8
"""Postings one journal entry may have; entry ids are multiples of it."""

_PURSES = [f"a{place}" for place in range(len(PURSES))]
_CARD_COLUMNS = (
    "c.id,c.number,c.state,c.issue,c.issue_raised_at,c.frozen_at,c.holder_id,h.class_id,"
    "h.is_limited,"
    "t.business_on,t.period_id,t.day_fen,t.meal_fen,t.meal_count,t.last_at,t.last_terminal_id,"
    + ",".join(f"{purse}.balance_fen,{purse}.floor_fen" for purse in _PURSES)
)
_TALLY_AT = 9
"""Where in a card's row the tally begins."""
_PURSES_AT = 16
"""Where in a card's row the purses begin: balance and floor of each, in the order of PURSES."""
_CARD_STATES = {state.value: state for state in CardState}
_BY_KEY = {
    "sqlite": ("terminal", "card c"),
    "mysql": ("terminal FORCE INDEX (PRIMARY)", "card c FORCE INDEX (number)"),
}
"""Where the locked rows are looked up. In a small table MariaDB would rather read every row, and
then a set waits for all the terminals and cards that any other process has locked."""
_CARDS = " JOIN cardholder h ON h.id=c.holder_id JOIN tally t ON t.holder_id=c.holder_id" + "".join(
    f" JOIN account {purse} ON {purse}.id={purse_account(0, name)}+c.holder_id*{PURSES_MAX}"
    for purse, name in zip(_PURSES, PURSES, strict=True)
)
_TERMINAL_COLUMNS = "id,merchant_id,group_id,revoked_at IS NOT NULL,journal_sequence,journal_hash"


NATURAL_READS = 2
"""How many SELECTs `reads_of_keys` adds at a time."""


def may_stand(attempt: Attempt) -> bool:
    """Whether what this attempt tells is likely to be posted already.

    A terminal uploads what it sold online too, and a reversal undoes what may have been posted.
    """
    is_record = attempt.kind is AttemptKind.RECORD
    return attempt.kind is AttemptKind.REVERSAL or (is_record and not attempt.was_offline)


def reads_of(
    attempts: Sequence[Attempt], undos: Mapping[tuple[int, int], Undo], dialect: str
) -> dict[str, str]:
    """The SELECTs of a set by the names `state_of` knows; one that would find nothing is not sent.

    An empty answer is cheap for MariaDB and dear for aiomysql.
    """
    lock = LOCKS[dialect]
    by_id, by_number = _BY_KEY[dialect]
    numbers = {attempt.card_number for attempt in attempts if attempt.card_number}
    numbers |= {undo.card_number for undo in undos.values() if undo.card_number}
    keys = {(attempt.terminal_id, attempt.sequence) for attempt in attempts}
    keys |= {(one.terminal_id, one.reverses) for one in attempts if one.reverses}
    undone = [undo.payment.id for undo in undos.values()]
    recorded = {one.card_number for one in attempts if one.kind is AttemptKind.RECORD}
    denied = f"card_number IN ({sql.words(sorted(recorded))}) AND issue IS NULL"
    terminals = f"id IN ({sql.numbers(sorted({one.terminal_id for one in attempts}))})"
    cards = f"c.number IN ({sql.words(sorted(numbers))})"
    reads = {
        "terminals": sql.packed(
            dialect, _TERMINAL_COLUMNS, by_id, terminals, " ORDER BY id" + lock
        ),
        "cards": sql.packed(
            dialect, _CARD_COLUMNS, by_number + _CARDS, cards, " ORDER BY c.number" + lock
        ),
        "reversals": sql.select(
            "terminal_id,reverses,payment_id", "reversal", _near(dialect, keys, "reverses")
        ),
    }
    if undone:
        where = f"payment_id IN ({sql.numbers(undone)})"
        reads["corrections"] = sql.select("DISTINCT payment_id", "correction", where)
    if recorded:
        reads["denials"] = sql.select(
            "card_number,state,made_at", "denial", denied, " ORDER BY version"
        )
    return reads


def reads_of_keys(attempts: Sequence[Attempt], dialect: str) -> tuple[str, str]:
    """The NATURAL_READS SELECTs that look for what these attempts have posted before."""
    keys = {(one.terminal_id, one.sequence) for one in attempts}
    keys |= {(one.terminal_id, one.reverses) for one in attempts if one.reverses}
    spent = {one.code_key for one in attempts if one.kind is not AttemptKind.REVERSAL}
    return (
        sql.select(PAYMENT_COLUMNS, "payment", _pairs(dialect, keys, "sequence")),
        sql.select("code_key,id", "payment", f"code_key IN ({sql.numbers(spent)})"),
    )


def _near(dialect: str, keys: set[tuple[int, int]], column: str) -> str:
    """`_pairs`, or the one range they lie in when that holds little else: an upload's records."""
    terminals = {terminal_id for terminal_id, _ in keys}
    numbers = [int(number) for _, number in keys]
    low, high = min(numbers, default=0), max(numbers, default=0)
    if len(terminals) != 1 or high - low > 2 * len(keys):
        return _pairs(dialect, keys, column)
    return f"terminal_id={int(terminals.pop())} AND {column} BETWEEN {low} AND {high}"


def _pairs(dialect: str, keys: set[tuple[int, int]], column: str) -> str:
    """`(terminal, sequence)` pairs, as each engine answers them from the unique index."""
    pairs = ",".join(f"({int(terminal_id)},{int(number)})" for terminal_id, number in keys)
    inside = f"VALUES {pairs}" if dialect == "sqlite" else pairs
    return f"(terminal_id,{column}) IN ({inside})"


def state_of(
    rows: Mapping[str, Rows],
    natural: Sequence[Rows],
    *,
    dialect: str,
    now: int,
    rules: RulesBundle,
    entry_ids: Iterator[int],
    undos: Mapping[tuple[int, int], Undo],
    canary: Canary | None = None,
) -> SetState:
    """The rows of `reads_of` by name and of every `reads_of_keys`, as what the set knows."""
    payments = [payment_fact(row) for found in natural[::NATURAL_READS] for row in found]
    are_corrected = {row[0] for row in rows.get("corrections", ())}
    state = SetState(
        now=now,
        rules=rules,
        canary=canary,
        entry_ids=entry_ids,
        cards={},
        holders={},
        terminals={one.id: one for one in map(_terminal, sql.unpack(dialect, rows["terminals"]))},
        payments={(one.terminal_id, one.sequence): one for one in payments},
        reversals={(row[0], row[1]): row[2] for row in rows["reversals"]},
        spent={key: payment_id for found in natural[1::NATURAL_READS] for key, payment_id in found},
        undos={
            key: undo._replace(is_corrected=undo.payment.id in are_corrected)
            for key, undo in undos.items()
        },
    )
    for row in sql.unpack(dialect, rows["cards"]):
        _take_card(state, row)
    for number, freezes in _past_freezes(rows.get("denials", ())).items():
        if number in state.cards:
            state.cards[number] = state.cards[number]._replace(past_freezes=tuple(freezes))
    return state


def _past_freezes(denials: Rows) -> dict[str, list[PastFreeze]]:
    """From the denylist's lines, in order, the freezes that ended, by card number."""
    ended: dict[str, list[PastFreeze]] = {}
    begun: dict[str, tuple[CardState, int]] = {}
    for number, word, made_at in denials:
        at, state = _seconds(made_at), CardState(word)
        if number in begun:
            ended.setdefault(number, []).append(PastFreeze(*begun.pop(number), at))
        if state is not CardState.ACTIVE:
            begun[number] = (state, at)
    return ended


def _seconds(moment: datetime | str) -> int:
    """Unix seconds of a UTC column; SQLite answers with a text."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return int(at.replace(tzinfo=UTC).timestamp())


def _terminal(row: Sequence[Any]) -> TerminalState:
    terminal_id, merchant_id, group_id, is_revoked, sequence, chain = row
    return TerminalState(
        id=int(terminal_id),
        merchant_id=int(merchant_id),
        group_id=group_id,
        is_revoked=bool(int(is_revoked)),
        journal_sequence=int(sequence),
        journal_hash=bytes.fromhex(chain),
    )


def _take_card(state: SetState, row: Sequence[Any]) -> None:
    number, card_state = row[1], _CARD_STATES[int(row[2])]
    issue, raised_at, frozen_at, holder_id, class_id, is_limited = map(int, row[3:_TALLY_AT])
    state.cards[number] = CardFact(
        int(row[0]), number, card_state, issue, raised_at, frozen_at, holder_id, class_id
    )
    if is_limited:
        state.limited.add(holder_id)
    if holder_id not in state.holders:
        business_on, period, *of_tally = row[_TALLY_AT:_PURSES_AT]
        day_fen, meal_fen, meal_count, last_at, last_terminal = map(int, of_tally)
        day = int(business_on) or None
        tally = Tally(day, period, day_fen, meal_fen, meal_count, last_at or None)
        purses = tuple(map(int, row[_PURSES_AT:]))
        state.holders[holder_id] = HolderState(
            holder_id,
            tally,
            last_terminal,
            dict(zip(PURSES, purses[::2], strict=True)),
            dict(zip(PURSES, purses[1::2], strict=True)),
        )


def payment_fact(row: Sequence[Any]) -> PaymentFact:
    """One row of `payment`, in the order of PAYMENT_COLUMNS."""
    values: list[Any] = [*row[:11], Amounts(*row[11:15]), row[15], bool(row[16]), *row[17:]]
    return PaymentFact(*values)


class Reader(Protocol):
    """A `Ledger`, between sets."""

    @property
    def dialect(self) -> str:
        """Which SQL the database speaks."""

    async def read(self, reads: Sequence[str]) -> list[Rows]:
        """Run SELECTs."""


async def undos_of(books: Reader, attempts: Sequence[Attempt]) -> dict[tuple[int, int], Undo]:
    """The payments that reversals among the attempts undo, with their postings; all immutable."""
    keys = {(one.terminal_id, one.reverses) for one in attempts if one.kind is AttemptKind.REVERSAL}
    if not keys:
        return {}
    columns = ",".join(f"p.{column}" for column in PAYMENT_COLUMNS.split(","))
    joined = "payment p LEFT JOIN card c ON c.id=p.card_id"
    wanted = _pairs(books.dialect, keys, "sequence")
    (rows,) = await books.read([sql.select(f"{columns},c.number", joined, wanted)])
    if not rows:
        return {}
    numbers = {row[0]: row[-1] or "" for row in rows}
    payments = [payment_fact(row[:-1]) for row in rows]
    entries = " OR ".join(f"id BETWEEN {one.id} AND {one.id + LEGS_MAX - 1}" for one in payments)
    (legs,) = await books.read(
        [sql.select("id,source_id,target_id,amount_fen", "posting", entries, " ORDER BY id")]
    )
    by_entry: dict[int, list[Posting]] = {}
    for posting_id, source, target, amount_fen in legs:
        entry_id = posting_id - posting_id % LEGS_MAX
        by_entry.setdefault(entry_id, []).append(Posting(source, target, amount_fen))
    return {
        (one.terminal_id, one.sequence): Undo(one, numbers[one.id], tuple(by_entry.get(one.id, ())))
        for one in payments
    }
