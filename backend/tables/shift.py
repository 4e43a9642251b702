"""Cashiers' shifts at windows, as terminals told them and as the books count them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ShiftRow(Model):
    """One shift at one terminal: its records from `first_sequence` to `last_sequence`.

    `closed_at` 0: it is open. `is_counted`: every record of it was here when it was added up, so
    the sums are final: payments, those made offline, fen, and what the cashier voided. `told_fen`
    is what stood by the terminal's own count, `counted_fen` what the cashier counted (None:
    nothing). `is_contested`: it was told again with other content, or overlaps another one.
    `cashier` is the number of a member of staff as it was typed, 0 for none.
    """

    id = fields.BigIntField(primary_key=True)
    terminal_id = fields.IntField()
    merchant_id = fields.IntField()
    opened_at = fields.BigIntField()
    cashier = fields.BigIntField()
    first_sequence = fields.BigIntField()
    last_sequence = fields.BigIntField(default=0)
    closed_at = fields.BigIntField(default=0)
    is_counted = fields.BooleanField(default=False)
    payments = fields.IntField(default=0)
    offline_payments = fields.IntField(default=0)
    charged_fen = fields.BigIntField(default=0)
    voided = fields.IntField(default=0)
    voided_fen = fields.BigIntField(default=0)
    told_fen = fields.BigIntField(default=0)
    counted_fen = fields.BigIntField(null=True)
    is_contested = fields.BooleanField(default=False)

    class Meta:
        """Table name and the natural key."""

        table = "shift"
        unique_together = (("terminal_id", "opened_at"),)
        indexes = (("opened_at", "id"), ("merchant_id", "opened_at"))
