"""What an office decides about trust: denylists it means, stolen terminals, drills."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Four tables."""

    dependencies = [("backend", "0013_chips")]
    initial = False
    operations = [
        ops.CreateModel(
            name="DenylistConfirmationRow",
            fields=[
                ("version", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("confirmed_by", fields.CharField(max_length=64)),
                ("confirmed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(max_length=200)),
            ],
            options={
                "table": "denylist_confirmation",
                "app": "backend",
                "pk_attr": "version",
                "table_description": "An office has looked at the denylist of a version and means every denial on it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StolenTerminalRow",
            fields=[
                ("terminal_id", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("stolen_at", fields.BigIntField()),
                ("reported_at", fields.BigIntField()),
                ("reported_by", fields.CharField(max_length=64)),
                ("reason", fields.CharField(max_length=200)),
                ("overlap_ends_at", fields.BigIntField()),
                ("epochs", fields.CharField(max_length=64)),
            ],
            options={
                "table": "stolen_terminal",
                "app": "backend",
                "pk_attr": "terminal_id",
                "table_description": "A terminal reported stolen, the epochs made for it and when the old ones end.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DrillRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("reason", fields.CharField(max_length=200)),
                ("ordered_by", fields.CharField(max_length=64)),
                ("begins_at", fields.BigIntField()),
                ("ends_at", fields.BigIntField(db_index=True)),
                ("ended_by", fields.CharField(default="", max_length=64)),
            ],
            options={
                "table": "drill",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "An outage an office ordered, `ends_at` is brought forward when it is rolled back.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DrilledTerminalRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("drill_id", fields.BigIntField()),
                ("terminal_id", fields.IntField(db_index=True)),
                ("told_at", fields.BigIntField(default=0)),
                ("payments", fields.IntField(default=0)),
                ("charged_fen", fields.BigIntField(default=0)),
                ("refusals", fields.IntField(default=0)),
                ("decided_milliseconds_max", fields.IntField(default=0)),
            ],
            options={
                "table": "drilled_terminal",
                "app": "backend",
                "unique_together": (("drill_id", "terminal_id"),),
                "pk_attr": "id",
                "table_description": "A terminal of a drill and what it last told of it, `told_at` 0: nothing yet.",
            },
            bases=["Model"],
        ),
    ]
