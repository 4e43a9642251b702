"""Reading a holder's payments, a page at a time: a few statements a page, none a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tortoise.expressions import Q

from backend.domain.correction import CorrectionKind
from backend.domain.dispute import DisputeState
from backend.domain.errors import NotFoundError
from backend.domain.statement import StatementLine, days_of_month
from backend.tables.account import AccountRow, PostingRow
from backend.tables.card import CardRow
from backend.tables.merchant import MerchantRow
from backend.tables.payment import CorrectionRow, DisputeRow, PaymentRow, ReversalRow
from backend.tables.terminal import TerminalRow

LEGS_MAX = 8
"""Postings of one entry have the ids entry, entry + 1 … entry + 7."""


async def read_statement(
    holder_id: int, before_id: int, lines_max: int, month: int = 0
) -> list[StatementLine]:
    """The newest payments of all of a holder's cards, old ones too, before payment `before_id`.

    0 begins at the newest. Ordered by when they happened: an offline payment that arrived late
    stands where it belongs. `month` (YYYYMM, 0: all) keeps those of its business days.
    NotFoundError when `before_id` is nobody's or somebody else's.
    """
    payments = await _page(holder_id, before_id, lines_max, month)
    if not payments:
        return []
    cards = {row.id: row.number for row in await CardRow.filter(holder_id=holder_id)}
    terminal_ids = {row.terminal_id for row in payments}
    terminals = {row.id: row.name for row in await TerminalRow.filter(id__in=terminal_ids)}
    merchant_ids = {row.merchant_id for row in payments}
    merchants = {row.id: row.name for row in await MerchantRow.filter(id__in=merchant_ids)}
    splits = await _splits(holder_id, [row.id for row in payments])
    back = await came_back_of(payments)
    contested = await _contested([row.id for row in payments])
    return [
        StatementLine(
            payment_id=row.id,
            card_number=cards[row.card_id],
            merchant=merchants.get(row.merchant_id, ""),
            terminal=terminals.get(row.terminal_id, ""),
            occurred_at=row.occurred_at,
            posted_at=row.posted_at,
            business_on=row.business_on,
            period_id=row.period_id,
            nominal_fen=row.nominal_fen,
            discount_fen=row.discount_fen,
            fee_fen=row.fee_fen,
            charged_fen=row.charged_fen,
            borne_fen=row.borne_fen,
            split=splits.get(row.id, {}),
            returned_fen=back[row.id].fen,
            is_undone=back[row.id].is_undone,
            was_offline=row.was_offline,
            outcome=row.outcome,
            reason=row.reason,
            dispute=contested.get(row.id, ""),
        )
        for row in payments
    ]


async def _page(holder_id: int, before_id: int, lines_max: int, month: int) -> list[PaymentRow]:
    query = PaymentRow.filter(holder_id=holder_id)
    if month:
        first, last = days_of_month(month)
        query = query.filter(business_on__gte=first, business_on__lte=last)
    if before_id:
        newest = await PaymentRow.get_or_none(id=before_id, holder_id=holder_id)
        if newest is None:
            raise NotFoundError("unknown_payment", zh="没有这笔消费", en="No such payment")
        query = query.filter(
            Q(occurred_at__lt=newest.occurred_at)
            | Q(occurred_at=newest.occurred_at, id__lt=newest.id)
        )
    return await query.order_by("-occurred_at", "-id").limit(lines_max)


async def _splits(holder_id: int, payment_ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    purses = {row.id: row.purse for row in await AccountRow.filter(holder_id=holder_id)}
    legs = [payment_id + leg for payment_id in payment_ids for leg in range(LEGS_MAX)]
    splits: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for posting in await PostingRow.filter(id__in=legs):
        purse = purses.get(posting.source_id)
        if purse is not None:
            splits[posting.id - posting.id % LEGS_MAX][purse] += posting.amount_fen
    return splits


async def _contested(payment_ids: Sequence[int]) -> Mapping[int, str]:
    rows = await DisputeRow.filter(id__in=payment_ids).only("id", "decision")
    return {row.id: row.decision or DisputeState.OPEN.value for row in rows}


class CameBack(NamedTuple):
    """What came back of a payment into purses, in fen, and whether nothing of it stands."""

    fen: int = 0
    is_undone: bool = False


async def came_back_of(payments: Sequence[PaymentRow]) -> Mapping[int, CameBack]:
    """What became of those of these payments that were refunded, voided or reversed."""
    back: dict[int, CameBack] = defaultdict(CameBack)
    by_id = {row.id: row for row in payments}
    for correction in await CorrectionRow.filter(payment_id__in=list(by_id)):
        payment = by_id[correction.payment_id]
        # of what the school bore nothing goes to a purse
        fen = 0 if payment.borne_fen else correction.amount_fen
        was, is_void = back[payment.id], correction.kind == CorrectionKind.VOID.value
        back[payment.id] = CameBack(was.fen + fen, was.is_undone or is_void)
    by_key = {(row.terminal_id, row.sequence): row for row in payments}
    reversals = await ReversalRow.filter(
        terminal_id__in={terminal_id for terminal_id, _ in by_key},
        reverses__in=[sequence for _, sequence in by_key],
    )
    for reversal in reversals:
        undone = by_key.get((reversal.terminal_id, reversal.reverses))
        if undone is not None and reversal.payment_id == undone.id:
            back[undone.id] = CameBack(undone.charged_fen - undone.borne_fen, is_undone=True)
    return back
