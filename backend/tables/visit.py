"""Visits to terminals of the hall."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class VisitRow(Model):
    """Somebody at a terminal of the hall, see `domain.visit`. Times are Unix seconds, 0: not yet.

    `code_key` is the one use of a code that opened it (`domain.payment.code_key`), below zero that
    of a chip's proof (`domain.chip_proof`), None where it was neither; `staff_id` is who helps, 0
    where nobody does.
    """

    id = fields.BigIntField(primary_key=True)
    terminal_id = fields.IntField()
    card_id = fields.BigIntField(db_index=True)
    shown = fields.CharField(max_length=8)
    code_key = fields.BigIntField(null=True, unique=True)
    issue = fields.SmallIntField()
    staff_id = fields.BigIntField(default=0)
    opened_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    ended_at = fields.BigIntField(default=0)

    class Meta:
        """Table name; a terminal's open visit is found by the terminal."""

        table = "visit"
        indexes = (("terminal_id", "ended_at"),)
