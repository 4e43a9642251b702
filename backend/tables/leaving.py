"""Who is leaving, and may take back what is left with a tap of their own."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class LeavingRow(Model):
    """A time in which a cohort may leave: asked for by one person, decided by another.

    `decision` is empty, `approved` or `rejected`; `ended_at` (0: not) closes it before its time.
    """

    id = fields.BigIntField(primary_key=True)
    request_key = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=64)
    opens_at = fields.BigIntField()
    closes_at = fields.BigIntField()
    holders = fields.IntField()
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    decision = fields.CharField(max_length=8, default="")
    ended_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "leaving"


class LeavingHolderRow(Model):
    """One holder of a cohort, as it stood when it was asked for. Append-only."""

    id = fields.BigIntField(primary_key=True)
    leaving_id = fields.BigIntField()
    holder_id = fields.BigIntField(db_index=True)

    class Meta:
        """Table name; a cohort has each holder once."""

        table = "leaving_holder"
        unique_together = (("leaving_id", "holder_id"),)
