"""How the worker's jobs went last, and which of them somebody wants to run now."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

JOB_NAME_MAX = 32


class JobRow(Model):
    """A job: its last run, its last fault (kept after it went well again), and who wants it now."""

    name = fields.CharField(primary_key=True, max_length=JOB_NAME_MAX)
    every_seconds = fields.FloatField()
    ran_at = fields.BigIntField(default=0)
    took_ms = fields.IntField(default=0)
    told = fields.CharField(max_length=200, default="")
    fault = fields.CharField(max_length=200, default="")
    failed_at = fields.BigIntField(default=0)
    failures = fields.IntField(default=0)
    asked_at = fields.BigIntField(default=0)
    asked_by = fields.CharField(max_length=64, default="")

    class Meta:
        """Table name."""

        table = "job"
