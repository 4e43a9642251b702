"""What the school has to say to everybody who comes into the hall."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class AnnouncementRow(Model):
    """An announcement, shown while `opens_at` <= now < `closes_at` (Unix seconds)."""

    id = fields.BigIntField(primary_key=True)
    title_zh = fields.CharField(max_length=40)
    title_en = fields.CharField(max_length=80)
    text_zh = fields.CharField(max_length=500)
    text_en = fields.CharField(max_length=1000)
    opens_at = fields.BigIntField()
    closes_at = fields.BigIntField(db_index=True)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "announcement"
