"""Exports of personal data, by two people."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

CHECKS = {
    "export_by_two": (
        "export",
        (
            "({row}approved_by = '' OR {row}approved_by <> {row}asked_by)"
            " AND ({row}downloaded_at = 0 OR"
            " ({row}decision = 'approved' AND {row}approved_by <> ''))"
        ),
    ),
}
KEPT = {
    "export_is_kept": (
        "export",
        (
            "NEW.asked_by <> OLD.asked_by OR NEW.what <> OLD.what OR NEW.filters <> OLD.filters"
            " OR (OLD.decision <> '' AND NEW.decision <> OLD.decision)"
            " OR (OLD.approved_by <> '' AND NEW.approved_by <> OLD.approved_by)"
            " OR (OLD.downloaded_at <> 0 AND NEW.downloaded_at <> OLD.downloaded_at)"
        ),
    ),
}
"""Trigger → the table, and what an UPDATE of it must not do."""


def guards(dialect: str) -> list[str]:
    """The statements that put the guards up, one each; the forms are 0002's."""
    is_mysql = dialect == "mysql"
    made = []
    for name, (table, rule) in CHECKS.items():
        if is_mysql:
            made.append(
                f"ALTER TABLE `{table}` ADD CONSTRAINT {name} CHECK ({rule.format(row='')})"
            )
            continue
        made += [
            f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON `{table}`"
            f" WHEN NOT ({rule.format(row='NEW.')}) BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for verb in ("INSERT", "UPDATE")
        ]
    for name, (table, broken) in KEPT.items():
        refused = (
            f"FOR EACH ROW IF {broken} THEN"
            f" SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{name}'; END IF"
            if is_mysql
            else f"WHEN {broken} BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
        made.append(f"CREATE TRIGGER {name} BEFORE UPDATE ON `{table}` {refused}")
    return made


async def guard(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Put the guards up."""
    for statement in guards(editor.client.capabilities.dialect):
        await editor.client.execute_query(statement)


def _key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


class Migration(migrations.Migration):
    """One table and its guards."""

    dependencies = [("backend", "0017_courtesy")]
    initial = False
    operations = [
        ops.CreateModel(
            name="ExportRow",
            fields=[
                ("id", _key()),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("what", fields.CharField(max_length=32)),
                ("format", fields.CharField(max_length=4)),
                ("filters", fields.TextField(unique=False)),
                ("rows", fields.IntField()),
                ("reason", fields.CharField(max_length=200)),
                ("asked_by", fields.CharField(max_length=64)),
                ("asked_at", fields.BigIntField()),
                ("decision", fields.CharField(default="", max_length=8)),
                ("approved_by", fields.CharField(default="", max_length=64)),
                ("approved_at", fields.BigIntField(default=0)),
                ("downloaded_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "export",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A file of much personal data: asked for by one person, approved by another, taken once.",
            },
            bases=["Model"],
        ),
        *(
            ops.AddIndex(model_name=model, index=Index(name=name, fields=fields))
            for model, name, fields in (
                ("CardholderRow", "holder_by_name", ["name", "number"]),
                ("CardholderRow", "holder_by_class", ["class_id", "number"]),
                ("CardholderRow", "holder_by_department", ["department", "number"]),
                ("CardRow", "card_by_state", ["state", "holder_id"]),
                ("ContactRow", "contact_by_tail", ["tail"]),
            )
        ),
        ops.RunPython(guard),
    ]
