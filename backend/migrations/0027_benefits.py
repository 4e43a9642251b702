"""Benefits by the batch."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

CHECKS = {
    "benefit_batch": (
        "benefit_batch_by_two",
        (
            "{row}total_fen > 0 AND ({row}decided_by = '') = ({row}decision = '')"
            " AND {row}decided_by <> {row}made_by"
            " AND ({row}posted_at = 0 OR {row}decision = 'approved')"
        ),
    ),
    "benefit_line": ("benefit_line_gives", "{row}amount_fen > 0"),
}
STANDS = {
    "benefit_batch": (
        "(OLD.decision <> '' AND NEW.decision <> OLD.decision)"
        " OR (OLD.decided_by <> '' AND NEW.decided_by <> OLD.decided_by)"
        " OR NEW.made_by <> OLD.made_by OR NEW.total_fen <> OLD.total_fen"
        " OR NEW.holders <> OLD.holders"
    ),
    "benefit_line": (
        "OLD.entry_id <> 0 OR NEW.amount_fen <> OLD.amount_fen"
        " OR NEW.holder_id <> OLD.holder_id OR NEW.batch_id <> OLD.batch_id"
        " OR NOT EXISTS (SELECT 1 FROM benefit_batch b"
        " WHERE b.id = OLD.batch_id AND b.decision = 'approved')"
    ),
}
"""Table → what an UPDATE of a row must not do: a line is posted once, and of an approved batch."""


def guards(dialect: str) -> list[str]:
    """The statements that put the guards up, one each; the forms are 0002's."""
    is_mysql = dialect == "mysql"
    made = []
    for table, wrong in STANDS.items():
        refusal = f"a {table.replace('_', ' ')} stands as it was asked for and decided"
        for verb, when in (("DELETE", ""), ("UPDATE", wrong)):
            name = f"{table}_no_{verb.lower()}"
            if is_mysql:
                signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{refusal}'"
                body = f"IF {when} THEN {signal}; END IF" if when else signal
                made.append(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW {body}")
                continue
            condition = f" WHEN {when}" if when else ""
            made.append(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table}{condition}"
                f" BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
    for table, (name, rule) in CHECKS.items():
        if is_mysql:
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


def _key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


class Migration(migrations.Migration):
    """Two tables and what they refuse."""

    dependencies = [("backend", "0026_shifts")]
    initial = False
    operations = [
        ops.CreateModel(
            name="BenefitBatchRow",
            fields=[
                ("id", _key()),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("title", fields.CharField(max_length=60)),
                ("reason", fields.CharField(max_length=200)),
                ("holders", fields.IntField()),
                ("total_fen", fields.BigIntField()),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("decision", fields.CharField(default="", max_length=8)),
                ("decided_by", fields.CharField(default="", max_length=64)),
                ("decided_at", fields.BigIntField(default=0)),
                ("posted_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "benefit_batch",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A batch of benefits: asked for by one person, decided by another, then posted by the worker.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BenefitLineRow",
            fields=[
                ("id", _key()),
                ("batch_id", fields.BigIntField()),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("amount_fen", fields.BigIntField()),
                ("entry_id", fields.BigIntField(default=0)),
            ],
            options={
                "table": "benefit_line",
                "app": "backend",
                "unique_together": (("batch_id", "holder_id"),),
                "indexes": [Index(fields=["batch_id", "entry_id", "id"])],
                "pk_attr": "id",
                "table_description": "What a batch gives one person, once, `entry_id` is 0 until the credit with that id stands.",
            },
            bases=["Model"],
        ),
        ops.RunPython(guard),
    ]
