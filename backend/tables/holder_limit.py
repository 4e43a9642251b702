"""What guardians limit: one row for each holder for whom anything was ever set."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class HolderLimitRow(Model):
    """What the guardians of one holder limit, as JSON, and who set it last.

    `limits` is a `domain.holder_limit.to_text`, of nothing once they were lifted: terminals have to
    hear of that too, so the row stays. `set_by` is an actor's label, `set_at` Unix seconds,
    `changed_version` the limits list's version of the last change.
    """

    holder_id = fields.BigIntField(primary_key=True, generated=False)
    limits = fields.TextField()
    set_by = fields.CharField(max_length=64)
    set_at = fields.BigIntField()
    changed_version = fields.BigIntField(db_index=True)

    class Meta:
        """Table name."""

        table = "holder_limit"
