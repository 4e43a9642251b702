"""The only writer of money: sets of journal entries, each set one transaction and one link.

Every process posts in a lane of its own (`LaneRow`): entry ids are (lane << 32) + n, so no two
processes ever wait for a number, and within a lane ids only grow. Each committed set adds a link
whose hash covers the link before it and every row of the set. Where the lane stands is read from
its newest link in every transaction, never remembered: after a lost connection nobody knows
whether the last set was committed, and the table does.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TypeVar

from backend.domain.accounts import purse_account
from backend.domain.set_state import HolderState, Mark, PaymentFact, SetWrites
from backend.tables import sql
from backend.tables.accounts import open_payable, open_purses, open_purses_for
from backend.tables.payment_reads import LEGS_MAX, PAYMENT_COLUMNS
from backend.tables.store import Further, Rows, Store, StoreUnavailableError

__all__ = ["Ledger", "link_hash", "open_payable", "open_purses", "open_purses_for"]

LANE_BITS = 32
CREDIT_COLUMNS = (
    "id,request_key,holder_id,purse,amount_fen,source_id,reason,made_by,posted_at,drawer_id"
)
CASH_OUT_COLUMNS = (
    "id,request_key,holder_id,drawer_id,amount_fen,reason,made_by,approved_by,posted_at"
)
REFUND_COLUMNS = (
    "out_refund_no,request_key,top_up_id,lot_id,holder_id,amount_fen,reason,made_by,made_at,"
    "decided_by,decided_at,entry_id,due_at,"
    "state,fault,undone_id,refund_id,accepted_at,ended_at,tries,sent_at,settled_by,note"
)
NEW_REFUND = ("booked", "", 0, "", 0, 0, 0, 0, "", "")
"""How a refund begins that is booked at once: the columns after `due_at`."""
ACCOUNT_COLUMNS = ("id", "code", "kind", "holder_id", "purse", "balance_fen", "floor_fen")
TALLY_COLUMNS = (
    "holder_id",
    "business_on",
    "period_id",
    "day_fen",
    "meal_fen",
    "meal_count",
    "last_at",
    "last_terminal_id",
)
COVERED = {
    "payment": PAYMENT_COLUMNS,
    "posting": "id,kind,source_id,target_id,amount_fen,corrects_id",
    "reversal": "id,terminal_id,reverses,sequence,payment_id,posted_at",
    "correction": (
        "id,payment_id,request_key,kind,amount_fen,made_by,approved_by,reason,posted_at"
    ),
    "settlement": (
        "id,merchant_id,business_on,payments,offline_payments,late_payments,gross_fen,"
        "refunded_fen,net_fen,settled_at"
    ),
    "lot": "id,holder_id,origin,reference,transaction_id,amount_fen,paid_at,posted_at",
    "lot_return": "id,lot_id,holder_id,reference,undoes_id,amount_fen,posted_at",
    "settlement_fee": "id,merchant_id,basis_points,base_fen,fee_fen",
}
"""The tables and columns a link's hash covers, in its order."""
ALWAYS_NAMED = frozenset({"payment", "posting", "reversal", "correction", "settlement"})
"""Named in every link even without rows; a table that came later only with rows, so that the links
from before it stay true."""
MARKED = frozenset(
    {
        "benefit_line",
        "bill_day",
        "cash_out_request",
        "difference",
        "drawer",
        "give_back",
        "refund",
        "remittance",
        "top_up",
    }
)

_Answer = TypeVar("_Answer")
DecideSet = Callable[[list[Rows], Iterator[int]], tuple[SetWrites, _Answer] | Further]
"""From the rows of the reads and the lane's next entry ids to what is written, and an answer;
or to what has to be read first."""


class Ledger:
    """One process's hand on the books: its sets follow one another on one connection."""

    def __init__(self, store: Store, clock: Callable[[], float], opened_by: str) -> None:
        """Take a store that is not yet open; `opened_by` names this process in its lane."""
        self._store = store
        self._clock = clock
        self._opened_by = opened_by
        self._lane_id = 0
        self._turn = asyncio.Lock()

    @property
    def dialect(self) -> str:
        """Which SQL the database speaks: sqlite or mysql."""
        return self._store.dialect

    @property
    def lock(self) -> str:
        """The words that make a SELECT lock what it reads."""
        return self._store.lock

    async def open(self) -> None:
        """Connect and open a lane."""
        await self._store.open()
        newest = sql.select("MAX(id)", "link", "id>0", " GROUP BY lane_id")
        await self._store.transact(
            [
                sql.select("COALESCE(MAX(id),0)", "lane", "id>0", self._store.lock),
                sql.select("id,hash", "link", f"id IN ({newest})", " ORDER BY id"),
            ],
            self._open_lane,
        )

    def _open_lane(self, rows: list[Rows]) -> Sequence[str]:
        ((last_lane,),), heads = rows
        self._lane_id = last_lane + 1
        names = ".".join(str(link_id) for link_id, _ in heads)
        opening = lane_hash([hash_text for _, hash_text in heads])
        lane = (self._lane_id, int(self._clock()), self._opened_by, names, opening)
        columns = "id,opened_at,opened_by,opening_heads,opening_hash"
        return [sql.insert("lane", columns, [sql.row(lane)])]

    async def close(self) -> None:
        """Disconnect; the lane stays as it is for ever."""
        await self._store.close()

    async def post(self, reads: Sequence[str], decide: DecideSet[_Answer]) -> _Answer:
        """Run one set: lock and read, decide, write the entries and their link, commit.

        A lane has one writer. So when the newest link is one that an earlier try of this very set
        wrote, that try was committed and only the database's answer was lost: it is not done again.

        Raises:
            StoreUnavailableError, StoreRefusedError: see `Store.transact`.

        """
        answers: list[_Answer] = []
        tries: dict[str, _Answer] = {}

        def record(rows: list[Rows]) -> Sequence[str] | Further:
            head, *own = rows
            number, last_id, previous = self._stand(head)
            if previous in tries:
                answers.append(tries[previous])
                return []
            decided = decide(own, count(last_id - last_id % LEGS_MAX + LEGS_MAX, LEGS_MAX))
            if isinstance(decided, Further):
                return decided
            writes, answer = decided
            answers.append(answer)
            made, link = self._statements(writes, number + 1, last_id, previous)
            if link:
                tries[link] = answer
            return made

        async with self._turn:
            await self._store.transact([self._head(), *reads], record)
        return answers[-1]

    async def read(self, reads: Sequence[str]) -> list[Rows]:
        """Run SELECTs that prepare a set, between sets."""
        async with self._turn:
            return await self._store.read(reads)

    def _head(self) -> str:
        """The SELECT of where this lane stands: its newest link, NULL before the first."""
        low = self._lane_id << LANE_BITS
        newest = sql.select("MAX(id)", "link", f"id>{low} AND id<{low + (1 << LANE_BITS)}")
        joined = f"lane LEFT JOIN link ON link.id=({newest})"
        columns = "lane.opening_hash,link.id,link.last_id,link.hash"
        return sql.select(columns, joined, f"lane.id={self._lane_id}")

    def _stand(self, head: Rows) -> tuple[int, int, str]:
        if not head:
            message = "this process's lane is gone from the database"
            raise StoreUnavailableError(message)
        opening, link_id, last_id, newest = head[0]
        if link_id is None:
            low = self._lane_id << LANE_BITS
            return low, low, opening
        return link_id, last_id, newest

    def _statements(
        self, writes: SetWrites, link_id: int, after_id: int, previous: str
    ) -> tuple[list[str], str]:
        """What is to be run, and the hash of the link it writes ("" for a set without entries)."""
        covered = covered_rows(writes)
        made = [sql.insert(table, COVERED[table], rows) for table, rows in covered.items() if rows]
        made += self._uncovered(writes)
        if not any(covered.values()):
            return made, ""
        last_id = _last_id(writes)
        posted_at = int(self._clock())
        hash_text = link_hash(previous, (link_id, after_id, last_id, posted_at), covered)
        link = (link_id, self._lane_id, after_id, last_id, hash_text, posted_at)
        made.append(
            sql.insert("link", "id,lane_id,after_id,last_id,hash,posted_at", [sql.row(link)])
        )
        return made, hash_text

    def _uncovered(self, writes: SetWrites) -> list[str]:
        """What may change later (balances, tallies, items) and so is not under the chain."""
        dialect = self._store.dialect
        made = []
        balances = [row for holder in writes.holders for row in _balance_rows(holder)]
        if balances:
            made.append(sql.upsert(dialect, "account", ACCOUNT_COLUMNS, balances))
        tallies = [_tally_row(holder) for holder in writes.holders if holder.is_counted]
        if tallies:
            made.append(sql.upsert(dialect, "tally", TALLY_COLUMNS, tallies))
        made += [
            f"UPDATE terminal SET journal_sequence={one.journal_sequence},"  # noqa: S608
            f"journal_hash='{one.journal_hash.hex()}' WHERE id={one.id}"
            for one in writes.terminals
        ]
        if writes.suspense:
            columns = "id,account_id,holder_id,amount_fen,reason,opened_at,settled_by_id"
            made.append(sql.insert("suspense", columns, [sql.row(one) for one in writes.suspense]))
        made += [
            f"UPDATE suspense SET settled_by_id={entry_id} WHERE id={payment_id}"  # noqa: S608
            for payment_id, entry_id in writes.settled_suspense.items()
        ]
        if writes.credits:
            rows = [sql.row(one) for one in writes.credits]
            made.append(sql.insert("credit", CREDIT_COLUMNS, rows))
        if writes.cash_outs:
            rows = [sql.row(one) for one in writes.cash_outs]
            made.append(sql.insert("cash_out", CASH_OUT_COLUMNS, rows))
        if writes.refunds:
            rows = [sql.row((*one, *NEW_REFUND)) for one in writes.refunds]
            made.append(sql.insert("refund", REFUND_COLUMNS, rows))
        if writes.proofs:
            rows = [sql.row(one) for one in writes.proofs]
            made.append(sql.insert("proof", "proves_id,entry_id,day_on,amount_fen", rows))
        made += [_mark_statement(one) for one in writes.marks]
        if writes.disputes:
            columns = "id,first_payment_id,card_id,reason,opened_at,decided_at,decision"
            rows = [sql.row((*one, 0, "")) for one in writes.disputes]
            made.append(sql.insert("dispute", columns, rows))
        if writes.quarantined:
            made.append(self._quarantine(writes))
        return made

    def _quarantine(self, writes: SetWrites) -> str:
        columns = "terminal_id,sequence,reason,body,body_hash,received_at,resolved_at"
        rows = [
            sql.row(
                (
                    terminal_id,
                    sequence,
                    reason,
                    body.hex(),
                    hashlib.sha256(body).hexdigest(),
                    int(self._clock()),
                    0,
                )
            )
            for terminal_id, sequence, reason, body in writes.quarantined
        ]
        statement = sql.insert("quarantine", columns, rows)
        keep_first = "OR IGNORE" if self._store.dialect == "sqlite" else "IGNORE"
        return statement.replace("INSERT", f"INSERT {keep_first}", 1)


def lane_hash(heads: Sequence[str]) -> str:
    """What a new lane begins with: SHA-256 over the heads of all lanes before it."""
    return hashlib.sha256("\n".join(heads).encode()).hexdigest()


def link_hash(
    previous: str, frame: tuple[int, int, int, int], covered: dict[str, list[str]]
) -> str:
    """The hash of one link: the hash before it, (id, after, last, time), and every row's text."""
    lines = [previous, sql.row(frame)]
    for table, rows in covered.items():
        if rows or table in ALWAYS_NAMED:
            lines.append(table)
            lines += rows
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def covered_rows(writes: SetWrites) -> dict[str, list[str]]:
    """The texts of all rows a link covers, by table, each table in id order."""
    return {
        "payment": [payment_text(payment) for payment in writes.payments],
        "posting": [
            f"({entry.id + place},'{entry.kind}',{leg.source},{leg.target},{leg.amount_fen},"
            f"{entry.corrects_id})"
            for entry in writes.entries
            for place, leg in enumerate(entry.legs)
        ],
        "reversal": [sql.row(one) for one in writes.reversals],
        "correction": [sql.row(one) for one in writes.corrections],
        "settlement": [sql.row(one) for one in writes.settlements],
        "lot": [sql.row(one) for one in writes.lots],
        "lot_return": [sql.row(one) for one in writes.lot_returns],
        "settlement_fee": [sql.row(one) for one in writes.settlement_fees],
    }


def payment_text(one: PaymentFact) -> str:
    """A payment's row, in the order of PAYMENT_COLUMNS; written out because it is the hot path.

    Every text in it is a word of our own: an enum's value, a period id or a refusal.
    """
    key = "NULL" if one.code_key is None else one.code_key
    period = sql.plain(one.period_id)
    amounts = one.amounts
    return (
        f"({one.id},{one.terminal_id},{one.sequence},{one.merchant_id},{one.card_id},"
        f"{one.holder_id},{key},'{one.credential}',{one.class_id},'{period}',{one.business_on},"
        f"{amounts.nominal_fen},{amounts.discount_fen},{amounts.fee_fen},{amounts.charged_fen},"
        f"{one.borne_fen},{int(one.was_offline)},'{one.outcome}','{one.reason}',"
        f"{one.occurred_at},{one.posted_at})"
    )


def _mark_statement(mark: Mark) -> str:
    if mark.table not in MARKED:
        message = f"{mark.table} is not a table that a posting marks"
        raise ValueError(message)
    changes = ",".join(f"{sql.plain(name)}={sql.literal(value)}" for name, value in mark.values)
    return f"UPDATE {mark.table} SET {changes} WHERE id={int(mark.id)}"  # noqa: S608 - plain words


def _last_id(writes: SetWrites) -> int:
    ids = [entry.id for entry in writes.entries]
    ids += [one[0] for one in writes.reversals]
    ids += [one[0] for one in writes.settlements]
    return max(ids) + LEGS_MAX - 1 if ids else 0


def _balance_rows(holder: HolderState) -> list[str]:
    return [
        f"({purse_account(holder.id, purse)},'purse:{holder.id}:{purse}','purse',{holder.id},"
        f"'{purse}',{holder.balances[purse]},{holder.floors[purse]})"
        for purse in sorted(holder.moved)
    ]


def _tally_row(holder: HolderState) -> str:
    tally = holder.tally
    return (
        f"({holder.id},{tally.business_on or 0},'{sql.plain(tally.period)}',{tally.day_fen},"
        f"{tally.meal_fen},{tally.meal_count},{tally.last_at or 0},{holder.last_terminal_id})"
    )
