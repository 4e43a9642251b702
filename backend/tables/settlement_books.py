"""What must agree about settlements and remittances: for verifying the books.

Each check is a SELECT of ids that do not agree, and the sentence about one of them.
"""

from __future__ import annotations

from backend.domain.accounts import SchoolAccount, merchant_account
from backend.tables import sql
from backend.tables.payment_reads import LEGS_MAX

_BASE = merchant_account(0)
_SENT = int(SchoolAccount.MERCHANT_SETTLEMENT)
_KEPT = int(SchoolAccount.COMMISSION_INCOME)
_PAID = int(SchoolAccount.MERCHANTS_PAID)


def settlement_checks(lines_max: int) -> list[tuple[str, str]]:
    """The SELECTs and their sentences; each answers `lines_max` ids at most."""
    few = f" LIMIT {int(lines_max)}"
    entry = f"p.id-p.id%{LEGS_MAX}"
    sums = sql.select(
        f"{entry} AS entry_id,p.source_id AS source_id,"
        f"SUM(CASE p.target_id WHEN {_SENT} THEN p.amount_fen ELSE 0 END) AS net_fen,"
        f"SUM(CASE p.target_id WHEN {_KEPT} THEN p.amount_fen ELSE 0 END) AS fee_fen",
        "posting p",
        "p.kind='settlement'",
        f" GROUP BY {entry},p.source_id",
    )
    posted = f"({sums}) g ON g.entry_id=s.id AND g.source_id={_BASE}+s.merchant_id"
    settled = f"settlement s LEFT JOIN settlement_fee f ON f.id=s.id LEFT JOIN {posted}"
    differs = "COALESCE(g.net_fen,0)<>s.net_fen OR COALESCE(g.fee_fen,0)<>COALESCE(f.fee_fen,0)"
    booked = (
        "p.id=r.entry_id AND p.kind='remittance' AND p.amount_fen=r.amount_fen"
        f" AND p.source_id={_SENT} AND p.target_id={_PAID}"
    )
    lines = sql.select("COALESCE(SUM(l.amount_fen),0)", "remittance_line l", "l.remittance_id=r.id")
    return [
        (sql.select("s.id", settled, differs, few), "settlement {} is not what was posted"),
        (
            sql.select(
                "f.id",
                "settlement_fee f LEFT JOIN settlement s ON s.id=f.id",
                "s.id IS NULL OR s.net_fen+f.fee_fen<>f.base_fen",
                few,
            ),
            "the commission of settlement {} does not fit it",
        ),
        (
            sql.select(
                "r.id",
                f"remittance r LEFT JOIN posting p ON {booked}",
                "(r.decision='approved')<>(p.id IS NOT NULL)",
                few,
            ),
            "remittance {} is not what was posted",
        ),
        (
            sql.select("r.id", "remittance r", f"r.amount_fen<>({lines})", few),
            "remittance {} is not the sum of its settlements",
        ),
        (
            sql.select(
                "p.id",
                "posting p LEFT JOIN remittance r ON r.entry_id=p.id",
                "p.kind='remittance' AND r.id IS NULL",
                few,
            ),
            "posting {} is a remittance nobody approved",
        ),
    ]
