"""Drafts of rules, bundles that a few terminals try first, and what each terminal took a minute."""

from __future__ import annotations

from typing import Any

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

INDEXES = (
    "CREATE INDEX refusal_count_day ON refusal_count (business_on)",
    "CREATE INDEX top_up_credited ON top_up (credited_at)",
)
ROLLED = (
    "INSERT INTO pulse (minute_at, terminal_id, payments, offline_payments, charged_fen)"
    " SELECT p.occurred_at-p.occurred_at%60, p.terminal_id, COUNT(*), SUM(p.was_offline),"
    " SUM(p.charged_fen) FROM rollup_mark m JOIN payment p"
    " ON p.id >= m.lane_id*4294967296 AND p.id <= m.through_id"
    " GROUP BY p.occurred_at-p.occurred_at%60, p.terminal_id"
)
"""What the roll-up has read already, as it would have counted it."""


async def fill(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Index what the office looks at by day, and count what was rolled up before."""
    for statement in (*INDEXES, ROLLED):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    """Three tables, two indexes, one count."""

    dependencies = [("backend", "0020_places")]
    initial = False
    operations = [
        ops.CreateModel(
            name="PulseRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("minute_at", fields.BigIntField()),
                ("terminal_id", fields.IntField()),
                ("payments", fields.IntField(default=0)),
                ("offline_payments", fields.IntField(default=0)),
                ("charged_fen", fields.BigIntField(default=0)),
            ],
            options={
                "table": "pulse",
                "app": "backend",
                "unique_together": (("minute_at", "terminal_id"),),
                "indexes": [
                    Index(fields=["minute_at", "terminal_id", "payments", "offline_payments"]),
                    Index(fields=["terminal_id", "minute_at", "payments", "offline_payments"]),
                ],
                "pk_attr": "id",
                "table_description": "The payments of one terminal in the minute that begins at `minute_at` (Unix seconds).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RolloutRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("version", fields.BigIntField(unique=True)),
                ("base_version", fields.BigIntField()),
                ("terminal_ids", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                (
                    "refusals_before",
                    fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads),
                ),
                ("reason", fields.CharField(max_length=200)),
                ("begun_by", fields.CharField(max_length=64)),
                ("begun_at", fields.BigIntField()),
                ("begun_on", fields.IntField()),
                ("ended_by", fields.CharField(default="", max_length=64)),
                ("ended_at", fields.BigIntField(default=0)),
                ("end_reason", fields.CharField(default="", max_length=200)),
                ("outcome", fields.CharField(default="", max_length=12)),
                ("slot", fields.SmallIntField(null=True, unique=True)),
            ],
            options={
                "table": "rollout",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A bundle that chosen terminals hold first. While it runs, `base_version` is in force.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RulesDraftRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("title", fields.CharField(max_length=64)),
                ("body", fields.TextField(unique=False)),
                ("base_version", fields.BigIntField()),
                ("revision", fields.IntField(default=1)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("changed_by", fields.CharField(max_length=64)),
                ("changed_at", fields.BigIntField()),
                ("published_version", fields.BigIntField(default=0)),
                ("ended_at", fields.BigIntField(default=0, db_index=True)),
            ],
            options={
                "table": "rules_draft",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A rules bundle in the making. `body` is JSON that need not be a whole bundle yet.",
            },
            bases=["Model"],
        ),
        ops.RunPython(fill),
    ]
