"""What each terminal took in each minute, kept by the roll-up for the eyes of the office."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PulseRow(Model):
    """The payments of one terminal in the minute that begins at `minute_at` (Unix seconds).

    By when they happened, so what a terminal took offline fills in when it comes. Recomputable
    from `payment`; nothing about money is decided from it.
    """

    id = fields.BigIntField(primary_key=True)
    minute_at = fields.BigIntField()
    terminal_id = fields.IntField()
    payments = fields.IntField(default=0)
    offline_payments = fields.IntField(default=0)
    charged_fen = fields.BigIntField(default=0)

    class Meta:
        """Table name and the natural key; the indexes hold all that is looked at."""

        table = "pulse"
        unique_together = (("minute_at", "terminal_id"),)
        indexes = (
            ("minute_at", "terminal_id", "payments", "offline_payments"),
            ("terminal_id", "minute_at", "payments", "offline_payments"),
        )
