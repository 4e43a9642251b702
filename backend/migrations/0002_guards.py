"""What the database itself refuses, whoever asks: changed history, overdrawn purses, zero money.

MariaDB takes CHECK constraints on standing tables; SQLite does not, so there each becomes a trigger.
"""

from __future__ import annotations

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

APPEND_ONLY = (
    "posting",
    "payment",
    "reversal",
    "correction",
    "lane",
    "link",
    "denial",
    "rules",
    "audit",
    "settlement",
)
CHARGED = (
    "{row}charged_fen >= 0"
    " AND {row}charged_fen = {row}nominal_fen - {row}discount_fen + {row}fee_fen"
)
CHECKS = {
    "account": ("purse_at_floor", "{row}kind <> 'purse' OR {row}balance_fen >= {row}floor_fen"),
    "posting": ("posting_moves_money", "{row}amount_fen > 0 AND {row}source_id <> {row}target_id"),
    "payment": (
        "payment_adds_up",
        f"{CHARGED} AND {{row}}borne_fen BETWEEN 0 AND {{row}}charged_fen",
    ),
    "correction": (
        "correction_by_two",
        "{row}amount_fen > 0 AND {row}made_by <> {row}approved_by",
    ),
}


def guards(dialect: str) -> list[str]:
    """The statements that put the guards up, one each."""
    made = []
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            refusal = f"{table} is append-only"
            body = (
                f"FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{refusal}'"
                if dialect == "mysql"
                else f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
            made.append(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {body}")
    for table, (name, rule) in CHECKS.items():
        if dialect == "mysql":
            made.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule.format(row='')})")
            continue
        made += [
            f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table}"
            f" WHEN NOT ({rule.format(row='NEW.')})"
            f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for verb in ("INSERT", "UPDATE")
        ]
    return made


async def put_up(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Run the guards of the dialect at hand, statement by statement (bodies hold semicolons)."""
    dialect = editor.client.capabilities.dialect
    for statement in guards("mysql" if dialect == "mysql" else "sqlite"):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    """Triggers and constraints on the ledger's tables."""

    dependencies = [("backend", "0001_tables")]
    initial = False
    operations = [ops.RunPython(put_up)]
