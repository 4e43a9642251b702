"""People and cards at the office: exports, imports, guests, second cards, and when cards end."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

DECIDED_BY_TWO = "({row}decided_by = '' OR {row}decided_by <> {row}%s)"
CHECKS = {
    "card_request_by_two": (
        "card_request",
        DECIDED_BY_TWO % "asked_by" + " AND ({row}card_id = 0 OR"
        " ({row}decision = 'approved' AND {row}decided_by <> ''))"
        " AND ({row}kind <> 'guest' OR {row}until_at > {row}asked_at)",
    ),
    "card_quota_is_a_count": ("card_quota", "{row}cards_a_day >= 0"),
    "ending_by_two": ("ending", DECIDED_BY_TWO % "made_by"),
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
    "card_request_is_kept": (
        "card_request",
        (
            "NEW.asked_by <> OLD.asked_by"
            " OR (OLD.decision <> '' AND NEW.decision <> OLD.decision)"
            " OR (OLD.decided_by <> '' AND NEW.decided_by <> OLD.decided_by)"
            " OR (OLD.card_id <> 0 AND NEW.card_id <> OLD.card_id)"
        ),
    ),
    "ending_is_kept": (
        "ending",
        (
            "NEW.made_by <> OLD.made_by OR NEW.ends_at <> OLD.ends_at"
            " OR (OLD.decision <> '' AND NEW.decision <> OLD.decision)"
            " OR (OLD.decided_by <> '' AND NEW.decided_by <> OLD.decided_by)"
        ),
    ),
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
    """Seven tables, indexes for searching, and guards."""

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
        ops.CreateModel(
            name="RosterImportRow",
            fields=[
                ("id", _key()),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("reason", fields.CharField(default="", max_length=200)),
                ("added", fields.IntField(default=0)),
                ("changed", fields.IntField(default=0)),
                ("cards", fields.IntField(default=0)),
                ("refused", fields.IntField(default=0)),
                ("undone_by", fields.CharField(default="", max_length=64)),
                ("undone_at", fields.BigIntField(default=0)),
                ("undone_reason", fields.CharField(default="", max_length=200)),
            ],
            options={
                "table": "roster_import",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "One import of a roster that changed something.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RosterChangeRow",
            fields=[
                ("id", _key()),
                ("import_id", fields.BigIntField()),
                ("holder_id", fields.BigIntField()),
                ("line", fields.IntField()),
                ("before", fields.TextField(unique=False)),
                ("after", fields.TextField(unique=False)),
                ("outcome", fields.CharField(default="", max_length=16)),
            ],
            options={
                "table": "roster_change",
                "app": "backend",
                "indexes": [
                    Index(name="roster_change_of_import", fields=["import_id", "id"]),
                    Index(name="roster_change_of_holder", fields=["holder_id"]),
                ],
                "pk_attr": "id",
                "table_description": "One person whom an import added or changed, as he was and became.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CardRequestRow",
            fields=[
                ("id", _key()),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("kind", fields.CharField(max_length=12)),
                ("office", fields.CharField(max_length=32)),
                ("asked_on", fields.IntField()),
                ("holder_id", fields.BigIntField(default=0)),
                ("name", fields.CharField(default="", max_length=64)),
                ("class_id", fields.SmallIntField(default=0)),
                ("until_at", fields.BigIntField(default=0)),
                ("reason", fields.CharField(max_length=200)),
                ("asked_by", fields.CharField(max_length=64)),
                ("asked_at", fields.BigIntField()),
                ("decision", fields.CharField(default="", max_length=8)),
                ("decided_by", fields.CharField(default="", max_length=64)),
                ("decided_at", fields.BigIntField(default=0)),
                ("card_id", fields.BigIntField(default=0)),
            ],
            options={
                "table": "card_request",
                "app": "backend",
                "indexes": [
                    Index(name="card_request_of_day", fields=["office", "asked_on"]),
                    Index(name="card_request_of_holder", fields=["holder_id"]),
                ],
                "pk_attr": "id",
                "table_description": "A guest's card or a second one: asked for by one person, decided by another.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CardQuotaRow",
            fields=[
                (
                    "office",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("cards_a_day", fields.IntField()),
                ("set_by", fields.CharField(max_length=64)),
                ("set_at", fields.BigIntField()),
            ],
            options={
                "table": "card_quota",
                "app": "backend",
                "pk_attr": "office",
                "table_description": "How many cards an office may ask for in a business day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HolderEndRow",
            fields=[
                ("holder_id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("ends_at", fields.BigIntField()),
                ("ending_id", fields.BigIntField(default=0, db_index=True)),
                ("warned", fields.SmallIntField(default=0)),
                ("ended_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "holder_end",
                "app": "backend",
                "indexes": [Index(name="holder_end_due", fields=["ended_at", "warned", "ends_at"])],
                "pk_attr": "holder_id",
                "table_description": "When one holder's cards end.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EndingRow",
            fields=[
                ("id", _key()),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("name", fields.CharField(max_length=64)),
                ("class_id", fields.SmallIntField(default=-1)),
                ("department", fields.CharField(default="", max_length=96)),
                ("ends_at", fields.BigIntField()),
                ("holders", fields.IntField()),
                ("reason", fields.CharField(max_length=200)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("decision", fields.CharField(default="", max_length=8)),
                ("decided_by", fields.CharField(default="", max_length=64)),
                ("decided_at", fields.BigIntField(default=0)),
                ("withdrawn_by", fields.CharField(default="", max_length=64)),
                ("withdrawn_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "ending",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A cohort's end: asked for by one person, decided by another.",
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
