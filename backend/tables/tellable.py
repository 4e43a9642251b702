"""What happened in the books between two ids of a lane that somebody may want to be told.

The readers lock nothing: money never waits for a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.courtesy import COURTESY_REASON
from backend.domain.message import Fact, RefundStep, Template, money_facts, payment_facts
from backend.tables import sql
from backend.tables.lanes import rows_of

_GUARDIAN = "guardian:"
_IS_COURTESY = f"p.reason='{COURTESY_REASON}'"


@dataclass(frozen=True, slots=True)
class Paid:
    """A holder's business day (YYYYMMDD) that a payment fell into, posted at Unix seconds."""

    holder_id: int
    business_on: int
    posted_at: int


async def read_facts(after_id: int, through_id: int, at: int) -> tuple[list[Fact], list[Paid]]:
    """The facts in this part of a lane, and the days that cost something in it.

    `at` is when a credit happened that no row of its own says the time of.
    """
    inside = f".id>{int(after_id)} AND {{0}}.id<={int(through_id)}"
    facts: list[Fact] = []
    payments = await _payments(_inside(inside, "p"))
    facts += [_payment(row) for row in payments]
    for reader in (_top_ups, _corrections, _reversals, _returns, _cash_outs):
        facts += await reader(inside)
    facts += await _benefits(inside, at)
    days = [Paid(row["holder_id"], row["business_on"], row["posted_at"]) for row in payments]
    return facts, days


def _inside(inside: str, table: str) -> str:
    return f"{table}{inside.format(table)}"


async def _payments(inside: str) -> Sequence[dict[str, Any]]:
    columns = (
        "p.id,p.holder_id,p.business_on,p.occurred_at,p.posted_at,m.name AS merchant,"
        f"p.charged_fen-p.borne_fen AS paid_fen,{_IS_COURTESY} AS is_courtesy"
    )
    # what the school bears costs the holder nothing; a meal it gives is told to the holder alone
    wanted = f"{inside} AND (p.charged_fen>p.borne_fen OR p.charged_fen=0 OR {_IS_COURTESY})"
    return await rows_of(
        sql.select(columns, "payment p JOIN merchant m ON m.id=p.merchant_id", wanted)
    )


def _payment(row: dict[str, Any]) -> Fact:
    gift = bool(row["is_courtesy"])
    words = payment_facts(row["merchant"], row["paid_fen"], row["occurred_at"], is_courtesy=gift)
    topic = f"payment:{row['id']}"
    holder_id, posted_at = row["holder_id"], row["posted_at"]
    return Fact(Template.PAYMENT, topic, holder_id, posted_at, words, is_private=gift)


async def _top_ups(inside: str) -> list[Fact]:
    columns = "l.id,l.holder_id,l.amount_fen,l.origin,l.posted_at,t.payer"
    joined = "lot l LEFT JOIN top_up t ON t.out_trade_no=l.reference"
    facts = []
    for row in await rows_of(sql.select(columns, joined, _inside(inside, "l"))):
        payer = row["payer"] or ""
        payer_id = int(payer.removeprefix(_GUARDIAN)) if payer.startswith(_GUARDIAN) else 0
        words = money_facts(row["amount_fen"], row["posted_at"], origin=row["origin"])
        topic = f"top_up:{row['id']}"
        fact = Fact(
            Template.TOP_UP, topic, row["holder_id"], row["posted_at"], words, payer_id=payer_id
        )
        facts.append(fact)
    return facts


async def _benefits(inside: str, at: int) -> list[Fact]:
    columns = f"p.id,a.holder_id,p.amount_fen,COALESCE(c.posted_at,{int(at)}) AS posted_at"
    joined = "posting p JOIN account a ON a.id=p.target_id LEFT JOIN credit c ON c.id=p.id-p.id%8"
    wanted = f"{_inside(inside, 'p')} AND p.kind='credit' AND a.purse='benefit'"
    return [
        _money(Template.BENEFIT, f"benefit:{row['id']}", row)
        for row in await rows_of(sql.select(columns, joined, wanted))
    ]


async def _corrections(inside: str) -> list[Fact]:
    columns = "c.id,p.holder_id,c.amount_fen,c.posted_at,m.name AS merchant"
    joined = (
        "correction c JOIN payment p ON p.id=c.payment_id JOIN merchant m ON m.id=p.merchant_id"
    )
    wanted = f"{_inside(inside, 'c')} AND p.borne_fen=0"  # else nothing came into a purse
    rows = await rows_of(sql.select(columns, joined, wanted))
    return [_refund(RefundStep.RETURNED, row) for row in rows]


async def _reversals(inside: str) -> list[Fact]:
    columns = (
        "r.id,p.holder_id,p.charged_fen-p.borne_fen AS amount_fen,r.posted_at,m.name AS merchant"
    )
    joined = "reversal r JOIN payment p ON p.id=r.payment_id JOIN merchant m ON m.id=p.merchant_id"
    wanted = f"{_inside(inside, 'r')} AND p.charged_fen>p.borne_fen"
    rows = await rows_of(sql.select(columns, joined, wanted))
    return [_refund(RefundStep.REVERSED, row) for row in rows]


async def _returns(inside: str) -> list[Fact]:
    """Refunds of top-ups that left a purse, or came back into it; cash is told by its own row."""
    columns = "r.id,r.holder_id,r.amount_fen,r.posted_at,r.undoes_id"
    joined = "lot_return r JOIN posting p ON p.id=r.id"
    wanted = f"{_inside(inside, 'r')} AND p.kind IN ('top_up_back','top_up_kept')"
    return [
        _refund(RefundStep.FAILED if row["undoes_id"] else RefundStep.STARTED, row)
        for row in await rows_of(sql.select(columns, joined, wanted))
    ]


async def _cash_outs(inside: str) -> list[Fact]:
    columns = "c.id,c.holder_id,c.amount_fen,c.posted_at"
    rows = await rows_of(sql.select(columns, "cash_out c", _inside(inside, "c")))
    return [_refund(RefundStep.IN_CASH, row) for row in rows]


def _refund(step: RefundStep, row: dict[str, Any]) -> Fact:
    words = {"step": step.value} | ({"merchant": row["merchant"]} if "merchant" in row else {})
    return _money(Template.REFUND, f"refund:{row['id']}:{step}", row, **words)


def _money(template: Template, topic: str, row: dict[str, Any], **words: str) -> Fact:
    at = int(row["posted_at"])
    told = money_facts(int(row["amount_fen"]), at, **words)
    return Fact(template, topic, row["holder_id"], at, told)
