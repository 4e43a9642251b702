"""What the database itself refuses about money that comes in, and four more school accounts."""

from __future__ import annotations

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

APPEND_ONLY = ("lot", "lot_return", "cash_out", "proof")
CHECKS = {
    "lot": ("lot_brings_money", "{row}amount_fen > 0"),
    "lot_return": ("lot_return_moves_money", "{row}amount_fen > 0"),
    "cash_out": ("cash_out_by_two", "{row}amount_fen > 0 AND {row}made_by <> {row}approved_by"),
    "top_up": ("top_up_brings_money", "{row}amount_fen BETWEEN 1 AND 100000"),
    "refund": (
        "refund_by_two",
        "{row}amount_fen > 0 AND ({row}decided_by = '' OR {row}decided_by <> {row}made_by)",
    ),
    "drawer": ("drawer_by_two", "{row}approved_by <> CONCAT('staff:', {row}staff_id)"),
}
ACCOUNTS = {
    11: "wechat_merchant",
    12: "wechat_fees",
    13: "top_up_suspense",
    14: "cash_difference",
}
INSERT = "INSERT INTO account (id, code, kind, purse, balance_fen, floor_fen) VALUES"


def guards(dialect: str) -> list[str]:
    """The statements that put the guards up, one each; the forms are 0002's."""
    is_mysql = dialect == "mysql"
    made = []
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            refusal = f"{table} is append-only"
            body = (
                f"FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{refusal}'"
                if is_mysql
                else f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
            made.append(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {body}")
    for table, (name, rule) in CHECKS.items():
        if is_mysql:
            made.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule.format(row='')})")
            continue
        broken = rule.format(row="NEW.").replace("CONCAT('staff:', ", "('staff:' || ")
        made += [
            f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table}"
            f" WHEN NOT ({broken}) BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for verb in ("INSERT", "UPDATE")
        ]
    return made


async def guard(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Put the guards up and open the accounts."""
    for statement in guards(editor.client.capabilities.dialect):
        await editor.client.execute_query(statement)
    for account_id, code in ACCOUNTS.items():
        values = f"({account_id}, '{code}', 'school', '', 0, 0)"
        await editor.client.execute_query(f"{INSERT} {values}")


class Migration(migrations.Migration):
    """Triggers, checks and four rows of `account`."""

    dependencies = [("backend", "0007_money_in")]
    initial = False
    operations = [ops.RunPython(guard)]
