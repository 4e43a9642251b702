"""What a holder sees who may be leaving: his money by where it goes, and what is on its way."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.lot import Remaining
from backend.domain.refund import RefundState, cash_fen
from backend.tables.leavings import open_leaving_of
from backend.tables.ledger import Ledger
from backend.tables.lots import purse_selects, read_purse
from backend.tables.top_up import RefundRow

REFUNDS_MAX = 50


@dataclass(frozen=True, slots=True)
class Leaving:
    """Amounts in fen; `cash_fen` is what only the counter gives back."""

    is_open: bool
    balance_fen: int
    cash_fen: int
    lots: tuple[Remaining, ...]
    refunds: tuple[RefundRow, ...]


async def read_leaving(ledger: Ledger, holder_id: int, at: int) -> Leaving:
    """Read it; lots without anything left are left out."""
    purse = read_purse(*await ledger.read(purse_selects(holder_id, "")))
    rows = RefundRow.filter(holder_id=holder_id).exclude(state=RefundState.REJECTED.value)
    return Leaving(
        is_open=await open_leaving_of(holder_id, at) is not None,
        balance_fen=purse.balance_fen,
        cash_fen=cash_fen(purse, at),
        lots=tuple(one for one in purse.left() if one.left_fen),
        refunds=tuple(await rows.order_by("-id").limit(REFUNDS_MAX)),
    )
