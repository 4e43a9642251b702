"""Drills: outages an office ordered for chosen terminals, and what those told of them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class DrillRow(Model):
    """An outage an office ordered, `ends_at` is brought forward when it is rolled back."""

    id = fields.BigIntField(primary_key=True)
    reason = fields.CharField(max_length=200)
    ordered_by = fields.CharField(max_length=64)
    begins_at = fields.BigIntField()
    ends_at = fields.BigIntField(db_index=True)
    ended_by = fields.CharField(max_length=64, default="")

    class Meta:
        """Table name."""

        table = "drill"


class DrilledTerminalRow(Model):
    """A terminal of a drill and what it last told of it, `told_at` 0: nothing yet."""

    id = fields.BigIntField(primary_key=True)
    drill_id = fields.BigIntField()
    terminal_id = fields.IntField(db_index=True)
    told_at = fields.BigIntField(default=0)
    payments = fields.IntField(default=0)
    charged_fen = fields.BigIntField(default=0)
    refusals = fields.IntField(default=0)
    decided_milliseconds_max = fields.IntField(default=0)

    class Meta:
        """Table name and the natural key."""

        table = "drilled_terminal"
        unique_together = (("drill_id", "terminal_id"),)
