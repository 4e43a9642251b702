"""What WeChat's order management was told about paid top-ups."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ShipmentRow(Model):
    """That a top-up was delivered, as WeChat's order management wants to be told.

    The id is the top-up's. `state` is due, told or failed (WeChat will never take it: `fault`);
    `uploads` counts the calls that may have reached it. Times are Unix seconds.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    transaction_id = fields.CharField(max_length=32, unique=True)
    state = fields.CharField(max_length=8, default="due")
    uploads = fields.SmallIntField(default=0)
    fault = fields.CharField(max_length=64, default="")
    due_at = fields.BigIntField(default=0)
    tries = fields.SmallIntField(default=0)
    told_at = fields.BigIntField(default=0)

    class Meta:
        """Table name; what is to be told is found by its due time."""

        table = "shipment"
        indexes = (("due_at",),)
