"""Verifying the books: silence when they are right, a finding for every way they can be wrong."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pymysql
import pytest

from backend.domain.access import Actor, Audience
from backend.tables.database import DatabaseUrl
from backend.usecases.drawers.open_drawer import open_drawer
from backend.usecases.ledger.credit_by_hand import CreditAsked, credit_by_hand
from backend.usecases.ledger.verify_ledger import verify_ledger
from tests.rig.campus import Campus

INVENTED = "INSERT INTO posting (id, kind, source_id, target_id, amount_fen, corrects_id) VALUES"


async def _busy(campus: Campus) -> None:
    till, one, other = (
        await campus.terminal(),
        await campus.holder(5000, 800),
        await campus.holder(),
    )
    await campus.post(campus.tap(till, one, 1250), campus.tap(till, other, 300))
    await campus.post(campus.record(till, other, 700, step=9))
    await campus.post(campus.record(till, one, 9000, step=10))


def _tamper(url: DatabaseUrl, statement: str) -> None:
    """Change the rows as somebody with the database's own password would: triggers dropped."""
    if url.engine == "sqlite":
        _tamper_sqlite(url.path, statement)
    else:
        _tamper_mariadb(url, statement)


def _tamper_sqlite(path: str, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)


def _tamper_mariadb(url: DatabaseUrl, statement: str) -> None:
    """The schema is shared by the tests of this process, so the triggers are put back."""
    connection = pymysql.connect(
        host=url.host, port=url.port, user=url.login, database=url.name, autocommit=True
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SHOW TRIGGERS")
        triggers = cursor.fetchall()
        for name, *_ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        try:
            cursor.execute(statement)
        finally:
            for name, event, table, body, *_ in triggers:
                when = f"BEFORE {event} ON {table} FOR EACH ROW"
                cursor.execute(f"CREATE TRIGGER {name} {when} {body}")


async def test_right_books_have_no_findings(campus: Campus) -> None:
    await _busy(campus)
    report = await verify_ledger(campus.ledger)
    assert (report.findings, report.residual_fen, report.payments) == ([], 0, 4)
    assert report.links == 6


@pytest.mark.parametrize(
    "statement, finding",
    [
        ("UPDATE posting SET amount_fen = 1 WHERE kind = 'payment'", "does not cover"),
        (
            "UPDATE account SET balance_fen = balance_fen + 1 WHERE kind = 'purse'",
            "its postings say",
        ),
        ("DELETE FROM posting WHERE kind = 'payment'", "does not cover"),
        ("UPDATE payment SET occurred_at = occurred_at - 1", "does not cover"),
        ("UPDATE payment SET period_id = 'dinner'", "does not cover"),
        ("DELETE FROM suspense", "its items name 0"),
        ("UPDATE link SET posted_at = posted_at + 1", "does not cover"),
        ("UPDATE lane SET opening_hash = '0'", "does not begin with"),
        (f"{INVENTED} (4294987296, 'credit', 1, 2, 5, 0)", "behind the last link"),
    ],
)
async def test_each_change_of_the_rows_is_found(
    campus: Campus, db: DatabaseUrl, statement: str, finding: str
) -> None:
    await _busy(campus)
    _tamper(db, statement)
    report = await verify_ledger(campus.ledger)
    assert any(re.search(finding, one) for one in report.findings), report.findings


@pytest.mark.parametrize(
    "change", ["amount_fen = amount_fen + 1", "holder_id = holder_id + 1", "source_id = 8"]
)
async def test_a_credit_that_says_otherwise_is_found(
    campus: Campus, db: DatabaseUrl, change: str
) -> None:
    holder = await campus.holder()
    asked = CreditAsked("key-0001", holder, "cash", 500, "现金")
    finance = Actor(Audience.STAFF, 1, "finance")
    await open_drawer(0, finance, int(campus.now))
    made = await credit_by_hand(campus.ledger, campus.clock, asked, finance)
    assert (await verify_ledger(campus.ledger)).findings == []
    _tamper(db, f"UPDATE credit SET {change}")
    findings = (await verify_ledger(campus.ledger)).findings
    # an amount is the drawer's too, which then does not add up either
    assert f"credit {made.entry_id} is not what was posted" in findings
