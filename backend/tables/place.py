"""Places of the school, and the roles staff hold at them beside their first one."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PlaceRow(Model):
    """A campus, a canteen in it, a window in that. Merchants hang in it by their `place_id`."""

    id = fields.IntField(primary_key=True)
    parent_id = fields.IntField(default=0, db_index=True)
    kind = fields.CharField(max_length=8)
    name = fields.CharField(max_length=64)

    class Meta:
        """Table name; a name stands once in its parent."""

        table = "place"
        unique_together = (("parent_id", "name"),)


class AppointmentRow(Model):
    """One more role of a member of staff. What is ended is deleted; the trail keeps who and when.

    `place_id` 0 and `merchant_id` 0: the whole school.
    """

    id = fields.IntField(primary_key=True)
    staff_id = fields.BigIntField(db_index=True)
    role = fields.CharField(max_length=16)
    place_id = fields.IntField(default=0)
    merchant_id = fields.IntField(default=0)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()

    class Meta:
        """Table name; a role is held once at a place."""

        table = "appointment"
        unique_together = (("staff_id", "role", "place_id", "merchant_id"),)
