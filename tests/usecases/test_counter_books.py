"""verify_ledger on lots, refunds, cash and drawers: whatever is changed in them is found."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from backend.domain.wechat_pay import RefundStatus
from backend.usecases.drawers.approve_drawer import approve_drawer
from backend.usecases.drawers.ask_cash_out import CashOutAsked, ask_cash_out
from backend.usecases.drawers.close_drawer import Count, close_drawer
from backend.usecases.drawers.decide_cash_out import decide_cash_out
from backend.usecases.drawers.open_drawer import open_drawer
from backend.usecases.ledger.credit_by_hand import CreditAsked, credit_by_hand
from backend.usecases.ledger.verify_ledger import verify_ledger
from tests.rig.campus import Campus
from tests.rig.refunding import CLERK, OTHER, booked, tell, top_up


async def busy(campus: Campus) -> None:
    """A day of everything: a refund on its way and one that came back, cash in, out and short."""
    holder, at = await campus.holder(0), int(campus.now)
    lot = await top_up(campus, holder, 1_000)
    await booked(campus, lot, 300)
    await tell(campus, await booked(campus, lot, 200), RefundStatus.CLOSED)
    drawer = await open_drawer(5_000, CLERK, at)
    cash = CreditAsked("cash-0001", holder, "cash", 600, "现金")
    await credit_by_hand(campus.ledger, campus.clock, cash, CLERK)
    asked = CashOutAsked("out-00001", holder, 400, "取现")
    row = await ask_cash_out(campus.ledger, asked, CLERK, at)
    await decide_cash_out(campus.ledger, campus.clock, row.id, OTHER, is_approved=True)
    count = Count(drawer.id, 5_150, "少五角")
    await close_drawer(campus.ledger, campus.clock, count, CLERK)
    await approve_drawer(campus.ledger, campus.clock, drawer.id, OTHER)


def tamper(url: str, statement: str) -> None:
    """As somebody with the file in his hands would: triggers dropped."""
    with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as file, file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
            file.execute(f"DROP TRIGGER {name}")
        assert file.execute(statement).rowcount > 0, "nothing was changed"


async def test_a_busy_day_has_no_findings(audited: Campus) -> None:
    await busy(audited)
    assert (await verify_ledger(audited.ledger)).findings == []


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "statement, finding",
    [
        ("UPDATE lot SET amount_fen=1001 WHERE origin='wechat'", r"^lot \d+ is not what was"),
        ("UPDATE lot SET holder_id=77 WHERE origin='wechat'", r"^lot \d+ is not what was"),
        ("UPDATE lot SET amount_fen=299 WHERE origin='wechat'", r"of lot \d+ went back 300 fen"),
        ("DELETE FROM lot WHERE origin='wechat'", "is a top-up without a lot"),
        ("DELETE FROM lot WHERE origin='cash'", "went into a drawer and is no lot"),
        (
            "UPDATE lot_return SET amount_fen=301 WHERE amount_fen=300",
            r"return of a lot \d+ is not what was posted",
        ),
        ("UPDATE lot_return SET holder_id=77 WHERE amount_fen=300", r"return of a lot \d+ is not"),
        ("DELETE FROM lot_return WHERE amount_fen=300", "part of a lot that no row tells of"),
        ("UPDATE refund SET amount_fen=301 WHERE state='booked'", r"refund \d+ is not what was"),
        ("UPDATE refund SET lot_id=8 WHERE state='booked'", r"refund \d+ is not what was"),
        ("UPDATE refund SET entry_id=0 WHERE state='booked'", r"refund \d+ is not what was"),
        ("UPDATE refund SET state='done' WHERE state='closed'", r"refund \d+ and its postings"),
        ("UPDATE refund SET state='closed' WHERE state='booked'", r"refund \d+ and its postings"),
        ("UPDATE cash_out SET amount_fen=401", r"cash-out \d+ is not what was posted"),
        ("UPDATE cash_out SET holder_id=77", r"cash-out \d+ is not what was posted"),
        ("DELETE FROM cash_out", "is cash that nobody paid out"),
        ("UPDATE drawer SET opened_fen=4999", r"drawer \d+ was closed on another sum"),
        ("UPDATE credit SET drawer_id=77", r"drawer \d+ was closed on another sum"),
        ("UPDATE drawer SET counted_fen=5151", r"difference of drawer \d+ is not what"),
        ("UPDATE drawer SET counted_fen=5250", r"difference of drawer \d+ is not what"),
        ("UPDATE drawer SET entry_id=0", "is the difference of no drawer"),
    ],
)
async def test_what_was_changed_is_found(
    campus: Campus, migrated_url: str, statement: str, finding: str
) -> None:
    await busy(campus)
    tamper(migrated_url, statement)
    findings = (await verify_ledger(campus.ledger)).findings
    assert any(re.search(finding, one) for one in findings), findings
