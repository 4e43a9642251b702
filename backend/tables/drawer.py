"""Cash drawers: a shift of one person at the counter, and cash that was paid out of it."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class DrawerRow(Model):
    """One person's shift with one drawer. `open_by` is the staff id while it is open, then null.

    `expected_fen` (opening float + taken in − paid out) stands when it is closed; a difference
    needs a note, and another person's word; `entry_id` is then what booked it. `place_id` is where
    it stands, 0: nowhere in particular.
    """

    id = fields.BigIntField(primary_key=True)
    staff_id = fields.BigIntField(db_index=True)
    open_by = fields.BigIntField(null=True, unique=True)
    opened_at = fields.BigIntField()
    opened_fen = fields.BigIntField()
    closed_at = fields.BigIntField(default=0)
    counted_fen = fields.BigIntField(default=0)
    expected_fen = fields.BigIntField(default=0)
    note = fields.CharField(max_length=200, default="")
    approved_by = fields.CharField(max_length=64, default="")
    approved_at = fields.BigIntField(default=0)
    entry_id = fields.BigIntField(default=0, db_default=0)
    place_id = fields.IntField(default=0, db_default=0)

    class Meta:
        """Table name."""

        table = "drawer"


class CashOutRow(Model):
    """Cash paid out of a drawer to a holder, by one person and approved by another. Append-only.

    The id is its journal entry's.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    request_key = fields.CharField(max_length=64, unique=True)
    holder_id = fields.BigIntField(db_index=True)
    drawer_id = fields.BigIntField(db_index=True)
    amount_fen = fields.BigIntField()
    reason = fields.CharField(max_length=200)
    made_by = fields.CharField(max_length=64)
    approved_by = fields.CharField(max_length=64)
    posted_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "cash_out"


class CashOutRequestRow(Model):
    """Cash that one person wants to pay out and another has to approve."""

    id = fields.BigIntField(primary_key=True)
    request_key = fields.CharField(max_length=64, unique=True)
    holder_id = fields.BigIntField(db_index=True)
    amount_fen = fields.BigIntField()
    reason = fields.CharField(max_length=200)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    decision = fields.CharField(max_length=8, default="")

    class Meta:
        """Table name."""

        table = "cash_out_request"
