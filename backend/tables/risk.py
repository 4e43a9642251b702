"""What the worker thinks a person should look at, and the cases people make of it."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class AlertRow(Model):
    """Something found by the worker, once for ever by its kind and topic.

    Ids that are not known are 0. It waits until `closed_at`; in a case it is closed with the case.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=16)
    topic = fields.CharField(max_length=64)
    merchant_id = fields.IntField(default=0)
    terminal_id = fields.IntField(default=0)
    card_id = fields.BigIntField(default=0)
    holder_id = fields.BigIntField(default=0)
    payment_id = fields.BigIntField(default=0)
    business_on = fields.IntField(default=0)
    evidence = fields.JSONField[dict[str, object]](default=dict)
    found_at = fields.BigIntField()
    case_id = fields.BigIntField(default=0, db_index=True)
    closed_at = fields.BigIntField(default=0)
    closed_by = fields.CharField(max_length=64, default="")
    closing_reason = fields.CharField(max_length=200, default="")

    class Meta:
        """Table name and natural key; what is open is listed by id."""

        table = "alert"
        unique_together = (("kind", "topic"),)
        indexes = (("closed_at", "id"),)


class CaseRow(Model):
    """Alerts that one person looks into, until a day. Times are Unix seconds, 0: not yet."""

    id = fields.BigIntField(primary_key=True)
    title = fields.CharField(max_length=100)
    owner_id = fields.BigIntField(db_index=True)
    opened_by = fields.CharField(max_length=64)
    opened_at = fields.BigIntField()
    due_at = fields.BigIntField()
    closed_at = fields.BigIntField(default=0)
    closed_by = fields.CharField(max_length=64, default="")
    finding = fields.CharField(max_length=16, default="")
    closing_reason = fields.CharField(max_length=200, default="")

    class Meta:
        """Table name (`case` is SQL's own word); what is open is listed by id."""

        table = "risk_case"
        indexes = (("closed_at", "id"),)


class CaseNoteRow(Model):
    """What somebody found out about a case. Append-only."""

    id = fields.BigIntField(primary_key=True)
    case_id = fields.BigIntField(db_index=True)
    text = fields.CharField(max_length=1000)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "case_note"
