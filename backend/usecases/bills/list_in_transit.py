"""What no bill has proven yet, entry by entry: all that keeps the transit account from zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.domain.accounts import SchoolAccount
from backend.domain.difference import CAME_BACK, HELD
from backend.tables import sql
from backend.tables.ledger import Ledger
from backend.tables.rollup import balance_of

ITEMS_PER_PAGE: Final = 200
TRANSIT: Final = int(SchoolAccount.WECHAT_IN_TRANSIT)
_SIGNED: Final = f"CASE p.source_id WHEN {TRANSIT} THEN p.amount_fen ELSE -p.amount_fen END"
_TOUCHES: Final = f"(p.source_id={TRANSIT} OR p.target_id={TRANSIT})"


@dataclass(frozen=True, slots=True)
class InTransit:
    """One entry: what it brings (negative: takes) at WeChat Pay, under which number, since when."""

    entry_id: int
    kind: str
    number: str
    amount_fen: int
    at: int


@dataclass(frozen=True, slots=True)
class TransitPage:
    """Some of the entries in id order, the balance of all, and where to go on (0: the end)."""

    total_fen: int
    items: tuple[InTransit, ...]
    next_after: int


async def list_in_transit(ledger: Ledger, after_id: int) -> TransitPage:
    """The entries after one. A return that never left and came back is no item: both cancel."""
    open_ones = "LEFT JOIN proof f ON f.proves_id=p.id"
    tail = f" ORDER BY p.id LIMIT {ITEMS_PER_PAGE + 1}"
    beyond = f"f.proves_id IS NULL AND p.id>{int(after_id)} AND {_TOUCHES}"
    columns = f"p.id,p.kind,{{}},{_SIGNED},{{}}"
    found = await ledger.read(
        [
            sql.select(
                columns.format("l.reference", "l.paid_at"),
                f"lot l JOIN posting p ON p.id=l.id AND p.kind='top_up' {open_ones}",
                f"l.origin='wechat' AND {beyond}",
                tail,
            ),
            sql.select(
                columns.format("r.reference", "r.posted_at"),
                f"lot_return r JOIN posting p ON p.id=r.id {open_ones}"
                " LEFT JOIN lot_return u ON u.reference=r.reference AND u.lot_id=r.lot_id"
                " AND u.undoes_id=r.id LEFT JOIN proof g ON g.proves_id=r.undoes_id",
                f"u.id IS NULL AND (r.undoes_id=0 OR g.proves_id IS NOT NULL) AND {beyond}",
                tail,
            ),
            sql.select(
                columns.format("s.reason", "s.opened_at"),
                f"suspense s JOIN posting p ON p.id=s.id AND p.kind='{HELD}' {open_ones}",
                f"s.reason<>'{CAME_BACK}' AND {beyond}",
                tail,
            ),
            sql.select(
                columns.format("b.out_refund_no", "b.accepted_at"),
                f"give_back b JOIN posting p ON p.id=b.entry_id {open_ones}",
                beyond,
                tail,
            ),
        ]
    )
    rows = sorted(tuple(row) for some in found for row in some)
    items = tuple(InTransit(*row) for row in rows[:ITEMS_PER_PAGE])
    has_more = len(rows) > ITEMS_PER_PAGE
    total_fen = -await balance_of(TRANSIT)
    return TransitPage(total_fen, items, items[-1].entry_id if has_more else 0)
