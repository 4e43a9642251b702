"""Explain a figure: what stands behind a payment, a posting, a settlement, a balance."""

from __future__ import annotations

from typing import Final

from backend.domain.accounts import purse_of
from backend.domain.errors import NotFoundError
from backend.domain.explanation import Figure, Node
from backend.tables.account import AccountRow, PostingRow
from backend.tables.explanations import (
    account_word,
    entry_node,
    origin_node,
    payment_node,
    settlement_node,
)
from backend.tables.merchant import SettlementRow
from backend.tables.payment import PaymentRow
from backend.tables.payment_reads import LEGS_MAX
from backend.tables.report import AccountDayRow
from backend.tables.rollup import balance_of

DAYS_MAX: Final = 31
"""How many days of an account's turnover an explanation names; the list of postings has all."""


async def explain_figure(figure: Figure, number: int) -> Node:
    """The tree of one figure. NotFoundError: there is no such thing."""
    if figure is Figure.PAYMENT and (payment := await PaymentRow.get_or_none(id=number)):
        return await payment_node(payment)
    if figure is Figure.SETTLEMENT and (settled := await SettlementRow.get_or_none(id=number)):
        return await settlement_node(settled, is_whole=True)
    if figure is Figure.POSTING and (posting := await PostingRow.get_or_none(id=number)):
        return await _posting(posting)
    if figure is Figure.ACCOUNT and (account := await AccountRow.get_or_none(id=number)):
        return await _account(account)
    raise NotFoundError("unknown_figure", zh="没有这个数字。", en="There is no such figure.")


async def _posting(row: PostingRow) -> Node:
    entry_id = row.id - row.id % LEGS_MAX
    parts = [await origin_node(entry_id, row.kind)]
    if parts[0] is None or parts[0].what != "payment":  # a payment's tree has its own entry
        parts.insert(0, await entry_node(entry_id))
    facts = {
        "kind": row.kind,
        "source": account_word(row.source_id),
        "target": account_word(row.target_id),
        "amount_fen": row.amount_fen,
        "corrects_id": row.corrects_id,
    }
    return Node("posting", row.id, facts, tuple(one for one in parts if one))


async def _account(row: AccountRow) -> Node:
    """A balance: a purse's own column, or the roll-up and every lane's tail; then day by day."""
    is_purse = bool(purse_of(row.id))
    newest = AccountDayRow.filter(account_id=row.id).order_by("-booked_on").limit(DAYS_MAX)
    days = [] if is_purse else await newest
    nodes = tuple(
        Node(
            "account_day",
            day.booked_on,
            {
                "debit_fen": day.debit_fen,
                "credit_fen": day.credit_fen,
                "postings": day.postings,
            },
        )
        for day in days
    )
    balance_fen = row.balance_fen if is_purse else await balance_of(row.id)
    facts = {"account": account_word(row.id), "balance_fen": balance_fen, "kind": row.kind}
    return Node("account", row.id, facts, nodes)
