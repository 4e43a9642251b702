"""Doors: their rules, grants by name, what they wrote down, and which list they hold."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


def _key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


def _terminal() -> fields.IntField[int]:
    return fields.IntField(primary_key=True, unique=True, db_index=True)


class Migration(migrations.Migration):
    """Six tables, two columns."""

    dependencies = [("backend", "0014_trust")]
    initial = False
    operations = [
        ops.CreateModel(
            name="DoorRulesRow",
            fields=[
                ("version", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("body", fields.TextField(unique=False)),
                ("published_at", fields.BigIntField()),
                ("published_by", fields.CharField(max_length=64)),
            ],
            options={
                "table": "door_rules",
                "app": "backend",
                "pk_attr": "version",
                "table_description": "Published door rules: canonical JSON, never changed after.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DoorRow",
            fields=[("terminal_id", _terminal()), ("zone", fields.IntField())],
            options={
                "table": "door",
                "app": "backend",
                "pk_attr": "terminal_id",
                "table_description": "A terminal that is a door by the rules in force.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DoorGrantRow",
            fields=[
                ("id", _key()),
                ("holder_id", fields.BigIntField()),
                ("zone", fields.IntField()),
                ("until_at", fields.BigIntField(default=0)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
            ],
            options={
                "table": "door_grant",
                "app": "backend",
                "unique_together": (("holder_id", "zone"),),
                "pk_attr": "id",
                "table_description": "A zone granted to a holder by name, until a Unix second or without end.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DoorJournalRow",
            fields=[
                ("terminal_id", _terminal()),
                ("sequence", fields.BigIntField(default=0)),
                ("chain", fields.CharField(default="0" * 64, max_length=64)),
            ],
            options={
                "table": "door_journal",
                "app": "backend",
                "pk_attr": "terminal_id",
                "table_description": "How far a door's log is here, and the chain's hash there.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DoorEventRow",
            fields=[
                ("id", _key()),
                ("terminal_id", fields.IntField()),
                ("sequence", fields.BigIntField()),
                ("kind", fields.CharField(max_length=20)),
                ("word", fields.CharField(max_length=32)),
                ("zone", fields.IntField()),
                ("side", fields.CharField(max_length=3)),
                ("at", fields.BigIntField(db_index=True)),
                ("received_at", fields.BigIntField(db_index=True)),
                ("holder_id", fields.BigIntField(null=True)),
                ("is_passback", fields.BooleanField(default=False)),
                ("fault", fields.CharField(default="", max_length=32)),
                ("body_hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "door_event",
                "app": "backend",
                "unique_together": (("terminal_id", "sequence"),),
                "indexes": [Index(fields=["holder_id", "id"])],
                "pk_attr": "id",
                "table_description": "One event of a door, deleted when its time is over.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DoorConflictRow",
            fields=[
                ("id", _key()),
                ("terminal_id", fields.IntField()),
                ("sequence", fields.BigIntField()),
                ("body", fields.TextField(unique=False)),
                ("body_hash", fields.CharField(max_length=64)),
                ("received_at", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "door_conflict",
                "app": "backend",
                "unique_together": (("terminal_id", "sequence", "body_hash"),),
                "pk_attr": "id",
                "table_description": "Another content under a door's sequence that is known, kept whole.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="CardRow",
            name="doors_version",
            field=fields.BigIntField(default=0, db_default=0, db_index=True),
        ),
        ops.AddField(
            model_name="TerminalRow",
            name="doors_version",
            field=fields.BigIntField(default=0, db_default=0),
        ),
    ]
