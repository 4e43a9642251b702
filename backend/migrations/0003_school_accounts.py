"""The school's own accounts stand from the first day, with the ids the code knows them by."""

from __future__ import annotations

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

ACCOUNTS = {
    1: "opening",
    2: "cash_drawer",
    3: "wechat_in_transit",
    4: "bank_in_transit",
    5: "offline_suspense",
    6: "risk",
    7: "fee_income",
    8: "benefit_source",
    9: "promotion",
    10: "merchant_settlement",
}


INSERT = "INSERT INTO account (id, code, kind, purse, balance_fen, floor_fen) VALUES"


async def open_accounts(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Insert the rows; a migration spells them out, the enum may grow later."""
    for account_id, code in ACCOUNTS.items():
        values = f"({account_id}, '{code}', 'school', '', 0, 0)"
        await editor.client.execute_query(f"{INSERT} {values}")


class Migration(migrations.Migration):
    """Ten rows of `account`."""

    dependencies = [("backend", "0002_guards")]
    initial = False
    operations = [ops.RunPython(open_accounts)]
