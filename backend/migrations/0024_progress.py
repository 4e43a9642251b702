"""How far long pieces of work are that somebody waits for."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """One table."""

    dependencies = [("backend", "0023_system")]
    initial = False
    operations = [
        ops.CreateModel(
            name="ProgressRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("watch_key", fields.CharField(unique=True, max_length=64)),
                ("made_by", fields.CharField(max_length=64)),
                ("done", fields.IntField(default=0)),
                ("total", fields.IntField()),
                ("began_at", fields.BigIntField(db_index=True)),
                ("moved_at", fields.BigIntField()),
                ("ended_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "progress",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "`done` of `total` steps, named by a key of whoever waits. `ended_at` 0: it goes on.",
            },
            bases=["Model"],
        ),
    ]
