"""Visits to terminals of the hall, and what the school announces there."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [("backend", "0015_doors")]
    initial = False
    operations = [
        ops.CreateModel(
            name="VisitRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("terminal_id", fields.IntField()),
                ("card_id", fields.BigIntField(db_index=True)),
                ("shown", fields.CharField(max_length=8)),
                ("code_key", fields.BigIntField(null=True, unique=True)),
                ("issue", fields.SmallIntField()),
                ("staff_id", fields.BigIntField(default=0)),
                ("opened_at", fields.BigIntField()),
                ("expires_at", fields.BigIntField()),
                ("ended_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "visit",
                "app": "backend",
                "indexes": [Index(fields=["terminal_id", "ended_at"])],
                "pk_attr": "id",
                "table_description": "Somebody at a terminal of the hall, see `domain.visit`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AnnouncementRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("title_zh", fields.CharField(max_length=40)),
                ("title_en", fields.CharField(max_length=80)),
                ("text_zh", fields.CharField(max_length=500)),
                ("text_en", fields.CharField(max_length=1000)),
                ("opens_at", fields.BigIntField()),
                ("closes_at", fields.BigIntField(db_index=True)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
            ],
            options={
                "table": "announcement",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "An announcement, shown while it is its time.",
            },
            bases=["Model"],
        ),
    ]
