"""What the database refuses by itself, whoever asks."""

from __future__ import annotations

import pytest

from backend.tables.database import DatabaseUrl
from tests.rig.campus import Campus
from tests.rig.raw_books import read_books
from tests.rig.raw_sql import RefusedSqlError, execute

PURSE = "UPDATE account SET balance_fen = -1 WHERE kind = 'purse'"
POSTING = "INSERT INTO posting (id, kind, source_id, target_id, amount_fen, corrects_id) VALUES"
CORRECTION = (
    "INSERT INTO correction (id, payment_id, request_key, kind, amount_fen, made_by, approved_by,"
    " reason, posted_at) VALUES"
)


@pytest.mark.parametrize(
    "statement",
    [
        PURSE,
        f"{POSTING} (1, 'payment', 1, 2, 0, 0)",
        f"{POSTING} (1, 'payment', 1, 2, -5, 0)",
        f"{POSTING} (1, 'payment', 2, 2, 5, 0)",
        f"{CORRECTION} (1, 1, 'k', 'refund', 5, 'a', 'a', '', 0)",
        f"{CORRECTION} (1, 1, 'k', 'refund', 0, 'a', 'b', '', 0)",
    ],
)
async def test_the_database_refuses_it_itself(
    audited: Campus, db: DatabaseUrl, migrated_url: str, statement: str
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await audited.post(audited.tap(till, holder, 100))
    with pytest.raises(RefusedSqlError):
        execute(migrated_url, statement)


@pytest.mark.parametrize("table", ["posting", "payment", "reversal", "link", "lane"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id + 1", "DELETE FROM {}"])
async def test_history_is_append_only(
    audited: Campus, migrated_url: str, table: str, verb: str
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    tap = audited.tap(till, holder, 100)
    await audited.post(tap, audited.undo(till, tap.sequence))
    with pytest.raises(RefusedSqlError, match="append-only"):
        execute(migrated_url, verb.format(table))
    assert len(read_books(migrated_url).payments) == 1


async def test_an_item_in_suspense_is_settled_once(db: DatabaseUrl, migrated_url: str) -> None:
    item = "(9, 5, 1, -100, 'insufficient_funds', 1, 0)"
    columns = "id, account_id, holder_id, amount_fen, reason, opened_at, settled_by_id"
    execute(migrated_url, f"INSERT INTO suspense ({columns}) VALUES {item}")
    execute(migrated_url, "UPDATE suspense SET settled_by_id = 7 WHERE id = 9")
    execute(migrated_url, "UPDATE suspense SET settled_by_id = 7 WHERE id = 9")  # the same again
    for other in (8, 0):
        with pytest.raises(RefusedSqlError, match="suspense_settled_once"):
            execute(migrated_url, f"UPDATE suspense SET settled_by_id = {other} WHERE id = 9")
