"""Credits by hand: who brought how much into whose purse, and why; append-only like the ledger."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


async def guard(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Let the database refuse changed history and empty credits, as 0002 does."""
    is_mysql = editor.client.capabilities.dialect == "mysql"
    for verb in ("UPDATE", "DELETE"):
        refusal = "credit is append-only"
        body = (
            f"FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{refusal}'"
            if is_mysql
            else f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
        name = f"credit_no_{verb.lower()}"
        await editor.client.execute_query(f"CREATE TRIGGER {name} BEFORE {verb} ON credit {body}")
    await editor.client.execute_query(
        "ALTER TABLE credit ADD CONSTRAINT credit_moves_money CHECK (amount_fen > 0)"
        if is_mysql
        else "CREATE TRIGGER credit_moves_money BEFORE INSERT ON credit WHEN NEW.amount_fen <= 0"
        " BEGIN SELECT RAISE(ABORT, 'credit_moves_money'); END"
    )


class Migration(migrations.Migration):
    """The table `credit` and its guards."""

    dependencies = [("backend", "0005_disputes")]
    initial = False
    operations = [
        ops.CreateModel(
            name="CreditRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("purse", fields.CharField(max_length=16)),
                ("amount_fen", fields.BigIntField()),
                ("source_id", fields.BigIntField()),
                ("reason", fields.CharField(max_length=200)),
                ("made_by", fields.CharField(max_length=64)),
                ("posted_at", fields.BigIntField()),
            ],
            options={
                "table": "credit",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "Money that one person of the office brought into a purse, once per `request_key`.",
            },
            bases=["Model"],
        ),
        ops.RunPython(guard),
    ]
