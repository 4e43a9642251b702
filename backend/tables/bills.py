"""Bills as they came, the days that were reconciled, and their differences."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tortoise.exceptions import IntegrityError

from backend.domain.bill_day import bounds_of
from backend.domain.bill_text import BillFault, BillRefusedError
from backend.domain.difference import DifferenceState
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.reconciliation import Cause, Difference, Proposal
from backend.domain.wechat_bill import (
    ExpectedBill,
    FundBill,
    TradeBill,
    digest_of,
    read_fund_bill,
    read_trade_bill,
)
from backend.domain.wechat_pay import BillKind
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.tables import sql
from backend.tables.bill import BillDayRow, BillRow, DifferenceRow
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.top_up import TopUpRow
from campus_code.days import day_number

REFERENCE_MAX: Final = 64
BY_ITSELF: Final = "books"
"""Who settled a difference that another reading of the books did not find any more."""
VANISHED: Final = "再次核对时已一致 · found no more when the day was held against the books again"
AGREES: Final = "金额一致，仅日期不同 · every amount agrees, only the day differs"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file is read with. `books_of` answers for which merchant and apps it must be."""

    kind: BillKind
    day_on: date
    account: WechatPayAccount

    def read(self, raw: bytes, seen: frozenset[str] = frozenset()) -> TradeBill | FundBill:
        """Read a bill. Raises BillRefusedError: nothing of it is used then."""
        account = self.account
        expected = ExpectedBill(self.day_on, account.mchid, frozenset({account.app_id}), seen)
        read = read_trade_bill if self.kind is BillKind.TRADE else read_fund_bill
        return read(raw, expected)

    def empty(self) -> TradeBill | FundBill:
        """The bill of a day without movement."""
        made = TradeBill if self.kind is BillKind.TRADE else FundBill
        return made(self.day_on, "", ())


async def digests_seen() -> frozenset[str]:
    """The SHA-256 of every file that was read before."""
    hashes = await BillRow.exclude(text_hash="").values_list("text_hash", flat=True)
    return frozenset(str(one) for one in hashes)


async def has_payments(day_on: date) -> bool:
    """Whether an order of ours was paid on that day."""
    begin, end = bounds_of(day_on)
    return await TopUpRow.filter(state="paid", paid_at__gte=begin, paid_at__lt=end).exists()


async def keep_bill(reading: Reading, raw: bytes, *, by: str, at: int) -> BillRow:
    """Check a file against everything known, and keep it gzipped; empty: nothing moved.

    Raises:
        BillRefusedError: the file is not that day's bill of this merchant, or was read before.
        ConflictError: another file stands for that day.

    """
    lines = 0
    if raw:
        bill = await asyncio.to_thread(reading.read, raw, await digests_seen())
        lines = len(bill.lines)
    values: tuple[str | int, ...] = (digest_of(raw) if raw else "", lines, at, by)
    body = (await asyncio.to_thread(gzip.compress, raw)).hex() if raw else ""
    try:
        await _write(reading, values, body)
    except IntegrityError:  # somebody else kept one in this moment
        standing = await find_bill(reading.kind, reading.day_on)
        if standing is None or standing.text_hash != values[0]:
            raise _other_file(reading.day_on) from None
    return await BillRow.get(kind=reading.kind.value, day_on=day_number(reading.day_on))


@retried
async def _write(reading: Reading, values: tuple[str | int, ...], body: str) -> None:
    """Write the row. In finished SQL: aiomysql cannot send bytes with PyMySQL of today."""
    number, text_hash = day_number(reading.day_on), values[0]
    async with transaction():
        known = await BillRow.select_for_update().get_or_none(
            kind=reading.kind.value, day_on=number
        )
        connection = BillRow._meta.db  # noqa: SLF001 - the transaction's own connection
        if known is None:
            columns = "kind,day_on,text_hash,line_count,fetched_at,fetched_by,body"
            texts = sql.row((reading.kind.value, number, *values)).removesuffix(")")
            await connection.execute_query(sql.insert("bill", columns, [f"{texts},X'{body}')"]))
            return
        if known.text_hash and known.text_hash == text_hash:
            raise BillRefusedError(BillFault.REPEATED_FILE)
        if known.text_hash:
            raise _other_file(reading.day_on)
        if text_hash:
            # nothing had moved, it was said; now there is a bill after all
            names = ("text_hash", "line_count", "fetched_at", "fetched_by")
            pairs = zip(names, values, strict=True)
            changes = ",".join(f"{name}={sql.literal(value)}" for name, value in pairs)
            await connection.execute_query(
                f"UPDATE bill SET {changes},body=X'{body}' WHERE id={int(known.id)}"  # noqa: S608
            )


async def find_bill(kind: BillKind, day_on: date) -> BillRow | None:
    """The bill of a day, if it is here."""
    return await BillRow.get_or_none(kind=kind.value, day_on=day_number(day_on))


async def read_bill(reading: Reading) -> TradeBill | FundBill | None:
    """A day's bill as it was kept, read again; None when it is not here."""
    row = await find_bill(reading.kind, reading.day_on)
    if row is None:
        return None
    if not row.text_hash:
        return reading.empty()
    raw = await asyncio.to_thread(gzip.decompress, row.body)
    if digest_of(raw) != row.text_hash:
        raise ConflictError(
            "bill_changed",
            zh=f"库中 {reading.day_on} 的账单与其摘要不符。",
            en=f"The bill of {reading.day_on} in the database is not the one that was kept.",
        )
    return await asyncio.to_thread(reading.read, raw)


async def open_day(day_on: date, at: int) -> None:
    """Make the row of a day, so that a posting can lock it; an old one stays as it is."""
    number = day_number(day_on)
    if await BillDayRow.exists(id=number):
        return
    try:
        await BillDayRow.create(
            id=number,
            payments=0,
            refunds=0,
            proven_fen=0,
            fee_fen=0,
            differences=0,
            reconciled_at=at,
            reconciled_by="",
        )
    except IntegrityError:
        return  # somebody else made it in this moment


@retried
async def keep_differences(
    day_on: date, found: Sequence[Difference], items: Mapping[str, int], *, at: int
) -> int:
    """Write down what differs on a day; answers how many are not settled.

    Found again, a difference is the row it was. An open one that is found no more is settled by
    itself. A day that differs and nothing else is told, and settled at once; what is in suspense
    already (`items`, by number) is held as it is found.
    """
    number = day_number(day_on)
    async with transaction():
        await BillDayRow.select_for_update().get(id=number)
        rows = await DifferenceRow.filter(day_on=number)
        known = {(row.subject, row.reference, row.cause): row for row in rows}
        seen = set()
        for one in found:
            key = (one.subject.value, one.reference[:REFERENCE_MAX], one.cause.value)
            seen.add(key)
            if key not in known:
                row = _row_of(number, one, at)
                if one.cause is Cause.HELD and one.reference in items:
                    row.state, row.item_id = DifferenceState.HELD.value, items[one.reference]
                await row.save()
        for key, row in known.items():
            if key not in seen and row.state in {
                DifferenceState.OPEN.value,
                DifferenceState.ASKED.value,
            }:
                await DifferenceRow.filter(id=row.id).update(
                    state=DifferenceState.SETTLED.value,
                    decided_by=BY_ITSELF,
                    decided_at=at,
                    note=VANISHED,
                )
            elif key in seen and _came_back(row):
                await DifferenceRow.filter(id=row.id).update(
                    state=DifferenceState.OPEN.value, decided_by="", decided_at=0, note=""
                )
        return (
            await DifferenceRow.filter(day_on=number)
            .exclude(state=DifferenceState.SETTLED.value)
            .count()
        )


def _came_back(row: DifferenceRow) -> bool:
    """What settled itself because it was gone is open again when it is there again."""
    return row.decided_by == BY_ITSELF and row.note == VANISHED


def _row_of(number: int, one: Difference, at: int) -> DifferenceRow:
    agrees = one.proposal is Proposal.NOTHING
    return DifferenceRow(
        day_on=number,
        subject=one.subject.value,
        cause=one.cause.value,
        reference=one.reference[:REFERENCE_MAX],
        proposal=one.proposal.value,
        bill_fen=one.bill_fen,
        ours_fen=one.ours_fen,
        ledger_fen=one.ledger_fen,
        transaction_id=one.transaction_id,
        found_at=at,
        state=(DifferenceState.SETTLED if agrees else DifferenceState.OPEN).value,
        decided_by=BY_ITSELF if agrees else "",
        decided_at=at if agrees else 0,
        note=AGREES if agrees else "",
    )


async def find_difference(difference_id: int) -> DifferenceRow:
    """One difference. Raises NotFoundError."""
    row = await DifferenceRow.get_or_none(id=difference_id)
    if row is None:
        raise NotFoundError(
            "unknown_difference", zh="没有这项差异。", en="There is no such difference."
        )
    return row


def _other_file(day_on: date) -> ConflictError:
    return ConflictError(
        "bill_known",
        zh=f"{day_on} 已有另一份账单，不会被覆盖。",
        en=f"Another bill of {day_on} is here already; it is not overwritten.",
    )
