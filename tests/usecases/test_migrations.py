"""Migrations of a database that has people in it already."""

from __future__ import annotations

from tortoise.migrations.api.migrate import migrate as run_migrations

from backend.migrate import migrate
from backend.tables.card import PhoneRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables, tortoise_config
from tests.rig.raw_sql import execute

HOLDER = (
    "INSERT INTO cardholder (number, name, department, class_id, is_active, pin_failures,"
    " created_at) VALUES ('S1', '张三', '', 1, 1, 0, '2026-01-01 00:00:00')"
)
PHONE = "INSERT INTO phone (card_id, issue, bound_at) VALUES (1, 1, '2026-01-01 00:00:00')"


async def test_who_was_there_is_of_age_and_logs_in_by_no_account(database_url: str) -> None:
    url = DatabaseUrl.parse(database_url)
    try:
        await run_migrations(config=tortoise_config(url), target="backend.0003_school_accounts")
    finally:
        await close_tables()
    execute(database_url, HOLDER)
    execute(database_url, PHONE)
    await migrate(url)
    await open_tables(url)
    try:
        holder = await CardholderRow.get(number="S1")
        phone = await PhoneRow.get(card_id=1)
    finally:
        await close_tables()
    assert (holder.is_adult, phone.wechat_id) == (True, None)
