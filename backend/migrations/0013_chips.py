"""Physical cards: chips bound to cards, their shared keys, and which list terminals hold."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The tables `chip` and `chip_key`, and a column."""

    dependencies = [("backend", "0012_difference_by_two")]
    initial = False
    operations = [
        ops.CreateModel(
            name="ChipRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=8)),
                ("uid", fields.CharField(max_length=20)),
                ("card_id", fields.BigIntField(db_index=True)),
                ("bound_at", fields.BigIntField()),
                ("bound_by", fields.CharField(max_length=64)),
                ("ended_at", fields.BigIntField(default=0)),
                ("ended_by", fields.CharField(default="", max_length=64)),
                ("changed_version", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "chip",
                "app": "backend",
                "unique_together": (("kind", "uid", "ended_at"),),
                "pk_attr": "id",
                "table_description": "A chip bound to a card. A row ends and never lives again, a new binding is a new row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ChipKeyRow",
            fields=[
                (
                    "kind",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=8),
                ),
                ("master", fields.CharField(max_length=160)),
                ("made_at", fields.BigIntField()),
            ],
            options={
                "table": "chip_key",
                "app": "backend",
                "pk_attr": "kind",
                "table_description": "The shared key of one kind of chip, sealed like the masters of an epoch.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="TerminalRow",
            name="chips_version",
            field=fields.BigIntField(default=0, db_default=0),
        ),
    ]
