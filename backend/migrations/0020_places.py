"""Places, what stands at them, and roles held at them."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Two tables, three columns."""

    dependencies = [("backend", "0019_finance")]
    initial = False
    operations = [
        ops.CreateModel(
            name="PlaceRow",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("parent_id", fields.IntField(default=0, db_index=True)),
                ("kind", fields.CharField(max_length=8)),
                ("name", fields.CharField(max_length=64)),
            ],
            options={
                "table": "place",
                "app": "backend",
                "unique_together": (("parent_id", "name"),),
                "pk_attr": "id",
                "table_description": "A campus, a canteen in it, a window in that.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AppointmentRow",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("staff_id", fields.BigIntField(db_index=True)),
                ("role", fields.CharField(max_length=16)),
                ("place_id", fields.IntField(default=0)),
                ("merchant_id", fields.IntField(default=0)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
            ],
            options={
                "table": "appointment",
                "app": "backend",
                "unique_together": (("staff_id", "role", "place_id", "merchant_id"),),
                "pk_attr": "id",
                "table_description": "One more role of a member of staff.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="MerchantRow",
            name="place_id",
            field=fields.IntField(default=0, db_default=0, db_index=True),
        ),
        ops.AddField(
            model_name="StaffRow",
            name="place_id",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="DrawerRow",
            name="place_id",
            field=fields.IntField(default=0, db_default=0),
        ),
    ]
