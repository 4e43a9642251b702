"""Take one payment of a person apart: its postings, and what corrected it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.errors import NotFoundError
from backend.tables.account import AccountRow, PostingRow
from backend.tables.payment import CorrectionRow, PaymentRow, ReversalRow
from backend.tables.statements import LEGS_MAX


@dataclass(frozen=True, slots=True)
class Leg:
    """One posting with its accounts' codes; `entry_id` is what it belongs to."""

    entry_id: int
    kind: str
    source: str
    target: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class PaymentExplained:
    """A payment's postings and those that undid some of it, in the order of their entries."""

    payment: PaymentRow
    legs: Sequence[Leg]
    corrections: Sequence[CorrectionRow]
    reversed_at: int


async def explain_payment(holder_id: int, payment_id: int) -> PaymentExplained:
    """The payment, if it is this person's. NotFoundError otherwise."""
    payment = await PaymentRow.get_or_none(id=payment_id, holder_id=holder_id)
    if payment is None:
        raise NotFoundError("unknown_payment", zh="没有这笔消费", en="No such payment")
    corrections = await CorrectionRow.filter(payment_id=payment_id).order_by("id")
    reversal = await ReversalRow.get_or_none(
        terminal_id=payment.terminal_id, reverses=payment.sequence
    )
    if reversal is not None and reversal.payment_id != payment_id:
        reversal = None
    entries = [payment_id, *(one.id for one in corrections)]
    if reversal is not None:
        entries.append(reversal.id)
    ids = [entry_id + leg for entry_id in entries for leg in range(LEGS_MAX)]
    postings = await PostingRow.filter(id__in=ids).order_by("id")
    account_ids = {one for row in postings for one in (row.source_id, row.target_id)}
    codes = {row.id: row.code for row in await AccountRow.filter(id__in=account_ids)}
    return PaymentExplained(
        payment=payment,
        legs=[
            Leg(
                entry_id=row.id - row.id % LEGS_MAX,
                kind=row.kind,
                source=codes[row.source_id],
                target=codes[row.target_id],
                amount_fen=row.amount_fen,
            )
            for row in postings
        ],
        corrections=corrections,
        reversed_at=reversal.posted_at if reversal is not None else 0,
    )
