"""Give out the batches that were approved: each line one credit, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.domain.accounts import SchoolAccount, purse_account
from backend.domain.payment import Posting
from backend.domain.set_state import Entry, HolderState, Mark, SetWrites
from backend.tables import sql
from backend.tables.benefit import BenefitBatchRow, BenefitLineRow
from backend.tables.ledger import Ledger
from backend.tables.sql import Typed
from backend.tables.store import Rows
from backend.usecases.ports import Clock
from campus_code import Tally

LINES_PER_SET = 100
"""Payments wait for one set at most."""
SETS_PER_RUN = 50
"""The worker's other jobs wait for one run."""
PURSE = "benefit"


async def post_batches(ledger: Ledger, clock: Clock) -> int:
    """Post what is approved and not posted yet; how many people were given something.

    It goes on where it was cut off: a line learns its entry in the transaction that posts it.
    """
    given = 0
    for batch in await BenefitBatchRow.filter(decision="approved", posted_at=0).order_by("id"):
        for _ in range(SETS_PER_RUN):
            waiting = BenefitLineRow.filter(batch_id=batch.id, entry_id=0)
            lines = await waiting.order_by("id").limit(LINES_PER_SET)
            if not lines:
                done = BenefitBatchRow.filter(id=batch.id, posted_at=0)
                await done.update(posted_at=int(clock()))
                break
            given += await _post(ledger, clock, batch, lines)
    return given


async def _post(
    ledger: Ledger, clock: Clock, batch: BenefitBatchRow, lines: Sequence[BenefitLineRow]
) -> int:
    accounts = {purse_account(line.holder_id, PURSE): line for line in lines}
    ids = sql.numbers(line.id for line in lines)
    reads = [
        sql.select(
            "id,balance_fen,floor_fen",
            "account",
            f"id IN ({sql.numbers(accounts)})",
            " ORDER BY id" + ledger.lock,
        ),
        sql.select("id", "benefit_line", f"id IN ({ids}) AND entry_id=0", ledger.lock),
    ]

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, int]:
        purses, waiting = rows
        still = {line_id for (line_id,) in waiting}
        writes, now = SetWrites(), int(clock())
        for account, balance_fen, floor_fen in purses:
            line = accounts[account]
            if line.id not in still:
                continue
            holder = HolderState(
                line.holder_id, Tally(), 0, {PURSE: balance_fen}, {PURSE: floor_fen}
            )
            holder.move(PURSE, line.amount_fen)
            entry_id, source = next(entry_ids), int(SchoolAccount.BENEFIT_SOURCE)
            leg = Posting(source, account, line.amount_fen)
            writes.holders.append(holder)
            writes.entries.append(Entry(entry_id, "credit", (leg,)))
            writes.credits.append(
                (
                    entry_id,
                    f"benefit:{batch.id}:{line.holder_id}",
                    line.holder_id,
                    PURSE,
                    line.amount_fen,
                    source,
                    Typed(batch.title),
                    batch.made_by,
                    now,
                    0,
                )
            )
            writes.marks.append(Mark("benefit_line", line.id, (("entry_id", entry_id),)))
        return writes, len(writes.credits)

    return await ledger.post(reads, decide)
