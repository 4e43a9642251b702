"""Exports of personal data that a second person has to approve."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ExportRow(Model):
    """A file somebody asks for: which list, by which filters, why, and who said yes.

    `filters` is the list's own query as JSON text, `rows` how many it found when it was asked.
    `decision` is empty, `approved` or `rejected`; `downloaded_at` (Unix seconds) is 0 until the
    file was taken, which happens once. The database refuses one person for both, and a second
    download (migration 0018).
    """

    id = fields.BigIntField(primary_key=True)
    request_key = fields.CharField(max_length=64, unique=True)
    what = fields.CharField(max_length=32)
    format = fields.CharField(max_length=4)
    filters = fields.TextField()
    rows = fields.IntField()
    reason = fields.CharField(max_length=200)
    asked_by = fields.CharField(max_length=64)
    asked_at = fields.BigIntField()
    decision = fields.CharField(max_length=8, default="")
    approved_by = fields.CharField(max_length=64, default="")
    approved_at = fields.BigIntField(default=0)
    downloaded_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "export"
