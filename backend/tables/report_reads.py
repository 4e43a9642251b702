"""The sums of reports: from totals a day and period totals, never from a year's payments."""

from __future__ import annotations

from typing import Any, Final

from backend.domain.accounts import SchoolAccount
from backend.domain.bill_day import bounds_of, day_from
from backend.domain.lot import Origin
from backend.domain.report import Dimension, Span
from backend.tables import sql
from backend.tables.report import DayTotalRow
from campus_code import CardState

ROWS_MAX: Final = 5_000
"""Lines of one report; a school has fewer terminals and departments than that."""
BENEFITS: Final = (
    SchoolAccount.BANK_IN_TRANSIT,
    SchoolAccount.BENEFIT_SOURCE,
    SchoolAccount.PROMOTION,
    SchoolAccount.OPENING,
)
"""Where money comes from that is no lot: each account's own turnover tells it."""

_PERIOD_SUMS = (
    "SUM(payments) AS payments,SUM(offline_payments) AS offline_payments,"
    "SUM(nominal_fen) AS nominal_fen,SUM(discount_fen) AS discount_fen,SUM(fee_fen) AS fee_fen,"
    "SUM(charged_fen) AS charged_fen,SUM(payable_fen) AS payable_fen,"
    "SUM(corrected_fen) AS corrected_fen"
)
Sums = dict[str, Any]
Merchants = frozenset[int] | None
"""Whose figures; None: everybody's."""


async def sums_by_day(span: Span, merchant_ids: Merchants) -> list[Sums]:
    """Period totals by business day."""
    return await _period_sums("business_on", span, merchant_ids)


async def sums_by_merchant(span: Span, merchant_ids: Merchants) -> list[Sums]:
    """Period totals by merchant."""
    return await _period_sums("merchant_id", span, merchant_ids)


async def sums_by_period(span: Span, merchant_ids: Merchants) -> list[Sums]:
    """Period totals by meal period."""
    return await _period_sums("period_id", span, merchant_ids)


async def _period_sums(key: str, span: Span, merchant_ids: Merchants) -> list[Sums]:
    wanted = _days("business_on", span) + _of(merchant_ids)
    tail = f" GROUP BY {key} ORDER BY {key} LIMIT {ROWS_MAX}"
    return await _rows(sql.select(f"{key},{_PERIOD_SUMS}", "period_total", wanted, tail))


async def sums_by(dimension: Dimension, span: Span, merchant_ids: Merchants) -> list[Sums]:
    """Totals a day of a dimension, by its value (`value`, a text)."""
    wanted = f"dimension='{dimension.value}' AND {_days('business_on', span)}{_of(merchant_ids)}"
    columns = f"value,MAX(merchant_id) AS merchant_id,SUM(borne_fen) AS borne_fen,{_PERIOD_SUMS}"
    tail = f" GROUP BY value ORDER BY value LIMIT {ROWS_MAX}"
    return await _rows(sql.select(columns, "day_total", wanted, tail))


async def sums_of_drawers(span: Span) -> list[Sums]:
    """What went through the drawers opened on these Beijing days, by whose they were."""
    taken = sql.select(
        "drawer_id,COUNT(*) AS credits,SUM(amount_fen) AS fen",
        "credit",
        "drawer_id>0",
        " GROUP BY drawer_id",
    )
    paid = sql.select(
        "drawer_id,COUNT(*) AS outs,SUM(amount_fen) AS fen",
        "cash_out",
        "drawer_id>0",
        " GROUP BY drawer_id",
    )
    joined = f"drawer d LEFT JOIN ({taken}) c ON c.drawer_id=d.id"
    joined += f" LEFT JOIN ({paid}) o ON o.drawer_id=d.id"
    counted = "CASE WHEN d.closed_at>0 THEN d.counted_fen-d.expected_fen ELSE 0 END"
    columns = (
        "d.staff_id,COUNT(*) AS drawers,SUM(CASE WHEN d.closed_at=0 THEN 1 ELSE 0 END) AS open,"
        "COALESCE(SUM(c.credits),0) AS credits,COALESCE(SUM(c.fen),0) AS taken_fen,"
        "COALESCE(SUM(o.outs),0) AS cash_outs,COALESCE(SUM(o.fen),0) AS paid_fen,"
        f"SUM({counted}) AS difference_fen"
    )
    tail = f" GROUP BY d.staff_id ORDER BY d.staff_id LIMIT {ROWS_MAX}"
    return await _rows(sql.select(columns, joined, _seconds("d.opened_at", span), tail))


async def sums_of_lots(span: Span) -> dict[Origin, Sums]:
    """What came in as lots on these Beijing days, and what went back, by origin."""
    came = await _rows(
        sql.select(
            "origin,COUNT(*) AS lots,SUM(amount_fen) AS fen",
            "lot",
            _seconds("posted_at", span),
            " GROUP BY origin",
        )
    )
    signed = "SUM(CASE t.undoes_id WHEN 0 THEN t.amount_fen ELSE -t.amount_fen END)"
    count = "SUM(CASE t.undoes_id WHEN 0 THEN 1 ELSE -1 END)"
    went = await _rows(
        sql.select(
            f"COALESCE(l.origin,'{Origin.CASH.value}') AS origin,{count} AS returns,"
            f"{signed} AS fen",
            "lot_return t LEFT JOIN lot l ON l.id=t.lot_id",
            _seconds("t.posted_at", span),
            " GROUP BY 1",
        )
    )
    found: dict[Origin, Sums] = {
        one: {"count": 0, "fen": 0, "returns": 0, "returned_fen": 0} for one in Origin
    }
    for row in came:
        found[Origin(row["origin"])] |= {"count": int(row["lots"]), "fen": int(row["fen"])}
    for row in went:
        back = {"returns": int(row["returns"]), "returned_fen": int(row["fen"])}
        found[Origin(row["origin"])] |= back
    return found


async def sums_of_shifts(span: Span, merchant_ids: Merchants) -> list[Sums]:
    """What cashiers took in shifts that began on these Beijing days; of open ones only that."""
    stands = "CASE WHEN counted_fen IS NULL THEN 0 ELSE counted_fen-charged_fen+voided_fen END"
    sums = ",".join(
        f"SUM({name}) AS {name}"
        for name in ("payments", "offline_payments", "charged_fen", "voided_fen")
    )
    columns = (
        "cashier,merchant_id,COUNT(*) AS shifts,"
        "SUM(CASE WHEN is_counted THEN 0 ELSE 1 END) AS open,"
        f"{sums},SUM({stands}) AS difference_fen"
    )
    wanted = _seconds("opened_at", span) + _of(merchant_ids)
    tail = " GROUP BY cashier,merchant_id ORDER BY cashier,merchant_id"
    return await _rows(sql.select(columns, "shift", wanted, f"{tail} LIMIT {ROWS_MAX}"))


async def turnovers(span: Span, book_id: int | None = None) -> list[Sums]:
    """Each account of a book (None: of all) before, during and after these Beijing days."""
    during = _days("booked_on", span)
    before = f"booked_on<{span.first_on}"
    columns = (
        "account_id,"
        f"SUM(CASE WHEN {before} THEN credit_fen-debit_fen ELSE 0 END) AS opening_fen,"
        f"SUM(CASE WHEN {during} THEN debit_fen ELSE 0 END) AS debit_fen,"
        f"SUM(CASE WHEN {during} THEN credit_fen ELSE 0 END) AS credit_fen,"
        f"SUM(CASE WHEN {during} THEN postings ELSE 0 END) AS postings"
    )
    tail = " GROUP BY account_id ORDER BY account_id"
    wanted = f"booked_on<={span.last_on}"
    if book_id is not None:
        wanted += f" AND book_id={int(book_id)}"
    return await _rows(sql.select(columns, "account_day", wanted, tail))


async def flows(span: Span, book_id: int) -> list[Sums]:
    """What a book owes (credit) and is owed (debit) by each other one, as `turnovers` tells it.

    What left its accounts for another book's it owes that book.
    """
    during = _days("booked_on", span)
    before = f"booked_on<{span.first_on}"
    owes = f"CASE WHEN source_book={int(book_id)} THEN amount_fen ELSE 0 END"
    owed = f"CASE WHEN target_book={int(book_id)} THEN amount_fen ELSE 0 END"
    columns = (
        f"CASE WHEN source_book={int(book_id)} THEN target_book ELSE source_book END AS other_book,"
        f"SUM(CASE WHEN {before} THEN {owes}-{owed} ELSE 0 END) AS opening_fen,"
        f"SUM(CASE WHEN {during} THEN {owed} ELSE 0 END) AS debit_fen,"
        f"SUM(CASE WHEN {during} THEN {owes} ELSE 0 END) AS credit_fen,"
        f"SUM(CASE WHEN {during} THEN postings ELSE 0 END) AS postings"
    )
    wanted = f"booked_on<={span.last_on} AND {int(book_id)} IN (source_book,target_book)"
    return await _rows(sql.select(columns, "book_flow", wanted, " GROUP BY 1 ORDER BY 1"))


async def commissions(span: Span) -> dict[int, int]:
    """Fen that the school kept of settlements of these business days, by merchant."""
    joined = "settlement s JOIN settlement_fee f ON f.id=s.id"
    columns = "s.merchant_id,SUM(f.fee_fen) AS fee_fen"
    wanted, tail = _days("s.business_on", span), " GROUP BY s.merchant_id"
    rows = await _rows(sql.select(columns, joined, wanted, tail))
    return {row["merchant_id"]: int(row["fee_fen"]) for row in rows}


async def exceptions(span: Span) -> list[Sums]:
    """What did not go the usual way on these Beijing days: what it is, why, how often, fen."""
    opened, posted = _seconds("opened_at", span), _seconds("c.posted_at", span)
    risk, courtesy = int(SchoolAccount.RISK), int(SchoolAccount.COURTESY)
    account = f"CASE account_id WHEN {risk} THEN 'risk' WHEN {courtesy} THEN 'courtesy'"
    parts = (
        (
            f"{account} ELSE 'suspense' END",
            ("reason", "SUM(amount_fen)"),
            ("suspense", opened),
        ),
        ("'dispute'", ("d.reason", "SUM(p.charged_fen)"),
         ("dispute d JOIN payment p ON p.id=d.id", _seconds("d.opened_at", span))),
        ("'quarantine'", ("reason", "0"), ("quarantine", _seconds("received_at", span))),
        ("c.kind", ("''", "SUM(c.amount_fen)"), ("correction c", posted)),
        ("'reversal'", ("''", "SUM(p.charged_fen)"),
         ("reversal c JOIN payment p ON p.id=c.payment_id", posted)),
    )  # fmt: skip
    found: list[Sums] = []
    for what, (reason, fen), (table, wanted) in parts:
        columns = f"{what} AS what,{reason} AS reason,COUNT(*) AS count,{fen} AS fen"
        found += await _rows(sql.select(columns, table, wanted, " GROUP BY 1,2 ORDER BY 1,2"))
    return found


async def inactive(before_at: int) -> list[Sums]:
    """Cards in force whose holders have not paid since, by class; money still in their purses."""
    purses = "(SELECT SUM(a.balance_fen) FROM account a WHERE a.holder_id=h.id)"
    columns = f"h.class_id,COUNT(*) AS cards,COALESCE(SUM({purses}),0) AS balance_fen"
    tail = " GROUP BY h.class_id ORDER BY h.class_id"
    return await _rows(sql.select(columns, INACTIVE_JOINED, inactive_since(before_at), tail))


INACTIVE_JOINED: Final = (
    "card c JOIN cardholder h ON h.id=c.holder_id LEFT JOIN tally t ON t.holder_id=c.holder_id"
)


def inactive_since(before_at: int) -> str:
    """The condition on `INACTIVE_JOINED`."""
    return f"c.state<>{int(CardState.CLOSED)} AND COALESCE(t.last_at,0)<{int(before_at)}"


def _days(column: str, span: Span) -> str:
    return f"{column} BETWEEN {int(span.first_on)} AND {int(span.last_on)}"


def _seconds(column: str, span: Span) -> str:
    """The same days as Unix seconds of Beijing."""
    begins_at, _ = bounds_of(day_from(span.first_on))
    _, ends_at = bounds_of(day_from(span.last_on))
    return f"{column}>={begins_at} AND {column}<{ends_at}"


def _of(merchant_ids: Merchants) -> str:
    return "" if merchant_ids is None else f" AND merchant_id IN ({sql.numbers(merchant_ids)})"


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers and words of our own came into it."""
    connection = DayTotalRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement))
