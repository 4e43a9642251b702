"""Benefits by the batch: what was asked for, and whom it gives how much."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class BenefitBatchRow(Model):
    """A batch of benefits: asked for by one person, decided by another, then posted by the worker.

    `decision` is "" while it waits, then `approved` or `rejected`. `posted_at` is 0 until every
    line is in the books. The database keeps the two people apart and a decided batch as it is.
    """

    id = fields.BigIntField(primary_key=True)
    request_key = fields.CharField(max_length=64, unique=True)
    title = fields.CharField(max_length=60)
    reason = fields.CharField(max_length=200)
    holders = fields.IntField()
    total_fen = fields.BigIntField()
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    decision = fields.CharField(max_length=8, default="")
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    posted_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "benefit_batch"


class BenefitLineRow(Model):
    """What a batch gives one person, once, `entry_id` is 0 until the credit with that id stands."""

    id = fields.BigIntField(primary_key=True)
    batch_id = fields.BigIntField()
    holder_id = fields.BigIntField(db_index=True)
    amount_fen = fields.BigIntField()
    entry_id = fields.BigIntField(default=0)

    class Meta:
        """Table name; a person stands once in a batch."""

        table = "benefit_line"
        unique_together = (("batch_id", "holder_id"),)
        indexes = (("batch_id", "entry_id", "id"),)
