"""Who belongs to a campus: its people are listed by it, its requests for cards are seen by it."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """An index and a column; a request that stands takes the campus of its holder."""

    dependencies = [("backend", "0027_benefits")]
    initial = False
    operations = [
        ops.AddIndex(
            model_name="CardholderRow",
            index=Index(name="holder_by_campus", fields=["campus_id", "number"]),
        ),
        ops.AddField(
            model_name="CardRequestRow",
            name="campus_id",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.RunSQL(
            "UPDATE card_request SET campus_id=COALESCE("
            "(SELECT h.campus_id FROM cardholder h WHERE h.id=card_request.holder_id),0)"
        ),
    ]
