"""What must agree about refunds, cash that was paid out, and drawers: for verifying the books.

Each check is a SELECT of ids that do not agree, and the sentence about one of them.
"""

from __future__ import annotations

from backend.domain.accounts import SchoolAccount
from backend.domain.refund import NEVER_SENT, UNDONE, RefundState
from backend.tables import sql
from backend.tables.payment_reads import LEGS_MAX

RETURN_KINDS = ("top_up_back", "cash_out", "top_up_kept")
"""Entries that took a part of a lot out of a purse; the last one brought it back."""
_DRAWER, _DIFFERENCE = int(SchoolAccount.CASH_DRAWER), int(SchoolAccount.CASH_DIFFERENCE)
_BOOKED = sql.words(one.value for one in RefundState if one not in NEVER_SENT)
_UNDONE = sql.words(one.value for one in sorted(UNDONE))


def counter_checks(lines_max: int) -> list[tuple[str, str]]:
    """The SELECTs and their sentences; each answers `lines_max` ids at most."""
    few = f" LIMIT {int(lines_max)}"
    parts = [*_refund_checks(), *_cash_out_checks(), *_drawer_checks()]
    return [(sql.select(*part, few), sentence) for part, sentence in parts]


Check = tuple[tuple[str, str, str], str]


def _refund_checks() -> list[Check]:
    same = (
        "t.id=r.entry_id AND t.undoes_id=0 AND t.lot_id=r.lot_id AND t.holder_id=r.holder_id"
        " AND t.amount_fen=r.amount_fen AND t.reference=r.out_refund_no"
    )
    undone = "t.undoes_id>0 AND t.undoes_id=r.entry_id AND t.reference=r.out_refund_no"
    return [
        (
            (
                "r.id",
                f"refund r LEFT JOIN lot_return t ON {same}",
                f"(r.entry_id>0 OR r.state IN ({_BOOKED})) AND t.id IS NULL",
            ),
            "refund {} is not what was posted",
        ),
        (
            (
                "r.id",
                f"refund r LEFT JOIN lot_return t ON {undone}",
                f"r.entry_id>0 AND (r.state IN ({_UNDONE}))<>(t.id IS NOT NULL)",
            ),
            "refund {} and its postings differ on whether the money is in the purse again",
        ),
        (
            (
                "p.id",
                "posting p LEFT JOIN lot_return t ON t.id=p.id",
                f"p.kind IN ({sql.words(RETURN_KINDS)}) AND t.id IS NULL",
            ),
            "posting {} moves a part of a lot that no row tells of",
        ),
    ]


def _cash_out_checks() -> list[Check]:
    entry = f"p.id-p.id%{LEGS_MAX}"
    paid = sql.select(
        f"{entry} AS entry_id,a.holder_id AS holder_id,SUM(p.amount_fen) AS fen",
        "posting p JOIN account a ON a.id=p.source_id AND a.purse='cash'",
        f"p.kind='cash_out' AND p.target_id={_DRAWER}",
        f" GROUP BY {entry},a.holder_id",
    )
    joined = f"({paid}) s ON s.entry_id=c.id AND s.holder_id=c.holder_id"
    return [
        (
            ("c.id", f"cash_out c LEFT JOIN {joined}", "COALESCE(s.fen,0)<>c.amount_fen"),
            "cash-out {} is not what was posted",
        ),
        (
            (
                "p.id",
                f"posting p LEFT JOIN cash_out c ON c.id={entry}",
                "p.kind='cash_out' AND c.id IS NULL",
            ),
            "posting {} is cash that nobody paid out",
        ),
        (
            (
                "c.id",
                "credit c LEFT JOIN lot l ON l.id=c.id AND l.amount_fen=c.amount_fen",
                "c.drawer_id>0 AND l.id IS NULL",
            ),
            "credit {} went into a drawer and is no lot",
        ),
    ]


def _drawer_checks() -> list[Check]:
    taken = sql.select("COALESCE(SUM(c.amount_fen),0)", "credit c", "c.drawer_id=d.id")
    paid = sql.select("COALESCE(SUM(o.amount_fen),0)", "cash_out o", "o.drawer_id=d.id")
    source = f"CASE WHEN d.counted_fen>d.expected_fen THEN {_DRAWER} ELSE {_DIFFERENCE} END"
    booked = (
        "p.id=d.entry_id AND p.kind='drawer'"
        f" AND p.amount_fen=ABS(d.counted_fen-d.expected_fen) AND p.source_id={source}"
    )
    return [
        (
            (
                "d.id",
                "drawer d",
                f"d.closed_at>0 AND d.expected_fen<>d.opened_fen+({taken})-({paid})",
            ),
            "drawer {} was closed on another sum than what went through it",
        ),
        (
            ("d.id", f"drawer d LEFT JOIN posting p ON {booked}", "d.entry_id>0 AND p.id IS NULL"),
            "the difference of drawer {} is not what was posted",
        ),
        (
            (
                "p.id",
                "posting p LEFT JOIN drawer d ON d.entry_id=p.id",
                "p.kind='drawer' AND d.id IS NULL",
            ),
            "posting {} is the difference of no drawer",
        ),
    ]
