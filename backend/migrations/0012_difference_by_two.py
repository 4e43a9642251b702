"""How differences are settled, by two people; surplus payments given back; shipping information."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

CHECKS = {
    "difference": (
        "difference_by_two",
        "{row}decided_by = '' OR {row}decided_by <> {row}asked_by",
    ),
    "give_back": ("give_back_moves_money", "{row}amount_fen > 0"),
}


def guards(dialect: str) -> list[str]:
    """The statements that put the guards up, one each; the forms are 0002's."""
    made = []
    for table, (name, rule) in CHECKS.items():
        if dialect == "mysql":
            made.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule.format(row='')})")
            continue
        made += [
            f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table}"
            f" WHEN NOT ({rule.format(row='NEW.')}) BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for verb in ("INSERT", "UPDATE")
        ]
    return made


async def guard(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Put the guards up."""
    for statement in guards(editor.client.capabilities.dialect):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    """Three columns, two tables, two checks."""

    dependencies = [("backend", "0011_limits")]
    initial = False
    operations = [
        ops.AddField(
            model_name="DifferenceRow",
            name="way",
            field=fields.CharField(max_length=12, default="", db_default=""),
        ),
        ops.AddField(
            model_name="DifferenceRow",
            name="named_id",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="DifferenceRow",
            name="item_id",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.CreateModel(
            name="GiveBackRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("out_refund_no", fields.CharField(unique=True, max_length=32)),
                ("difference_id", fields.BigIntField(db_index=True)),
                ("transaction_id", fields.CharField(unique=True, max_length=32)),
                ("out_trade_no", fields.CharField(max_length=32)),
                ("amount_fen", fields.BigIntField()),
                ("item_id", fields.BigIntField()),
                ("entry_id", fields.BigIntField(default=0)),
                ("state", fields.CharField(default="asked", max_length=12)),
                ("fault", fields.CharField(default="", max_length=64)),
                ("refund_id", fields.CharField(default="", max_length=32)),
                ("accepted_at", fields.BigIntField(default=0)),
                ("ended_at", fields.BigIntField(default=0)),
                ("due_at", fields.BigIntField(default=0)),
                ("tries", fields.SmallIntField(default=0)),
            ],
            options={
                "table": "give_back",
                "app": "backend",
                "indexes": [Index(fields=["due_at"])],
                "pk_attr": "id",
                "table_description": "A payment that nobody was owed, on its way back to whoever paid it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShipmentRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("transaction_id", fields.CharField(unique=True, max_length=32)),
                ("state", fields.CharField(default="due", max_length=8)),
                ("uploads", fields.SmallIntField(default=0)),
                ("fault", fields.CharField(default="", max_length=64)),
                ("due_at", fields.BigIntField(default=0)),
                ("tries", fields.SmallIntField(default=0)),
                ("told_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "shipment",
                "app": "backend",
                "indexes": [Index(fields=["due_at"])],
                "pk_attr": "id",
                "table_description": "That a top-up was delivered, as WeChat's order management wants to be told.",
            },
            bases=["Model"],
        ),
        ops.RunPython(guard),
    ]
