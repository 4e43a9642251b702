"""Cashiers' shifts at windows."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """One table."""

    dependencies = [("backend", "0025_books")]
    initial = False
    operations = [
        ops.CreateModel(
            name="ShiftRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("terminal_id", fields.IntField()),
                ("merchant_id", fields.IntField()),
                ("opened_at", fields.BigIntField()),
                ("cashier", fields.BigIntField()),
                ("first_sequence", fields.BigIntField()),
                ("last_sequence", fields.BigIntField(default=0)),
                ("closed_at", fields.BigIntField(default=0)),
                ("is_counted", fields.BooleanField(default=False)),
                ("payments", fields.IntField(default=0)),
                ("offline_payments", fields.IntField(default=0)),
                ("charged_fen", fields.BigIntField(default=0)),
                ("voided", fields.IntField(default=0)),
                ("voided_fen", fields.BigIntField(default=0)),
                ("told_fen", fields.BigIntField(default=0)),
                ("counted_fen", fields.BigIntField(null=True)),
                ("is_contested", fields.BooleanField(default=False)),
            ],
            options={
                "table": "shift",
                "app": "backend",
                "unique_together": (("terminal_id", "opened_at"),),
                "indexes": [
                    Index(fields=["opened_at", "id"]),
                    Index(fields=["merchant_id", "opened_at"]),
                ],
                "pk_attr": "id",
                "table_description": "One shift at one terminal: its records from `first_sequence` to `last_sequence`.",
            },
            bases=["Model"],
        ),
    ]
