"""When people's cards end, and the cohorts whose end two people decided."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class HolderEndRow(Model):
    """When one holder's cards end. `ended_at` (Unix seconds) is 0 until they did.

    `warned` counts the warnings of `domain.ending.WARNED_DAYS`; `ending_id` is 0 for an end of
    his own, a guest's.
    """

    holder_id = fields.BigIntField(primary_key=True, generated=False)
    ends_at = fields.BigIntField()
    ending_id = fields.BigIntField(default=0, db_index=True)
    warned = fields.SmallIntField(default=0)
    ended_at = fields.BigIntField(default=0)

    class Meta:
        """Table name; the worker looks for what is due."""

        table = "holder_end"
        indexes = (Index(name="holder_end_due", fields=["ended_at", "warned", "ends_at"]),)


class EndingRow(Model):
    """A cohort's end: asked for by one person, decided by another. `class_id` -1: any.

    `decision` is empty, `approved` or `rejected`; `withdrawn_at` (0: not) takes it back.
    """

    id = fields.BigIntField(primary_key=True)
    request_key = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=64)
    class_id = fields.SmallIntField(default=-1)
    department = fields.CharField(max_length=96, default="")
    ends_at = fields.BigIntField()
    holders = fields.IntField()
    reason = fields.CharField(max_length=200)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    decision = fields.CharField(max_length=8, default="")
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    withdrawn_by = fields.CharField(max_length=64, default="")
    withdrawn_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "ending"
