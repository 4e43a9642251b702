"""Who is leaving, and what the database refuses about drawers and leavings."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

BY_TWO = "({row}decided_by = '' OR {row}decided_by <> {row}made_by)"
CHECKS = {
    "leaving_by_two": ("leaving", "{row}closes_at > {row}opens_at AND " + BY_TWO),
    "refund_settled_by_two": ("refund", "{row}settled_by = '' OR {row}settled_by <> {row}made_by"),
    "cash_out_request_by_two": ("cash_out_request", "{row}amount_fen > 0 AND " + BY_TWO),
}
OPEN = "SELECT 1 FROM drawer WHERE id = NEW.drawer_id AND open_by IS NOT NULL"
INTO_DRAWERS = {"credit": "NEW.purse = 'cash'", "cash_out": "1 = 1"}
"""What goes through an open drawer, and under which condition."""


def guards(dialect: str) -> list[str]:
    """The statements that put the guards up, one each; the forms are 0002's."""
    is_mysql = dialect == "mysql"
    made = []
    for verb in ("UPDATE", "DELETE"):
        refusal = "leaving_holder is append-only"
        name = f"leaving_holder_no_{verb.lower()}"
        body = (
            f"FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{refusal}'"
            if is_mysql
            else f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
        made.append(f"CREATE TRIGGER {name} BEFORE {verb} ON leaving_holder {body}")
    for name, (table, rule) in CHECKS.items():
        if is_mysql:
            made.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule.format(row='')})")
            continue
        made += [
            f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table}"
            f" WHEN NOT ({rule.format(row='NEW.')}) BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for verb in ("INSERT", "UPDATE")
        ]
    for table, condition in INTO_DRAWERS.items():
        name = f"{table}_into_open_drawer"
        broken = f"{condition} AND NOT EXISTS ({OPEN})"
        made.append(
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW IF {broken} THEN"
            f" SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{name}'; END IF"
            if is_mysql
            else f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {broken}"
            f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
    return made


async def guard(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Put the guards up."""
    for statement in guards(editor.client.capabilities.dialect):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    """Two tables, a few columns of 0007's, triggers and checks."""

    dependencies = [("backend", "0008_money_guards")]
    initial = False
    operations = [
        ops.CreateModel(
            name="LeavingRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("name", fields.CharField(max_length=64)),
                ("opens_at", fields.BigIntField()),
                ("closes_at", fields.BigIntField()),
                ("holders", fields.IntField()),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("decided_by", fields.CharField(default="", max_length=64)),
                ("decided_at", fields.BigIntField(default=0)),
                ("decision", fields.CharField(default="", max_length=8)),
                ("ended_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "leaving",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A time in which a cohort may leave: asked for by one person, decided by another.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LeavingHolderRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("leaving_id", fields.BigIntField()),
                ("holder_id", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "leaving_holder",
                "app": "backend",
                "unique_together": (("leaving_id", "holder_id"),),
                "pk_attr": "id",
                "table_description": "One holder of a cohort, as it stood when it was asked for. Append-only.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="RefundRow",
            name="sent_at",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="RefundRow",
            name="settled_by",
            field=fields.CharField(default="", db_default="", max_length=64),
        ),
        ops.AddField(
            model_name="RefundRow",
            name="note",
            field=fields.CharField(default="", db_default="", max_length=200),
        ),
        ops.AddField(
            model_name="DrawerRow",
            name="entry_id",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.RunPython(guard),
    ]
