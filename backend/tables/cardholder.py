"""Cardholders: the people with a card, and what each has spent so far today."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class CardholderRow(Model):
    """A person with a card. `number` is the school's own (student or staff) number.

    An adult decides what guardians see, a minor's guardians see everything. `is_limited`: there
    are limits in `holder_limit`, so that for everybody else nobody has to look. `campus_id` is the
    place where somebody is at home, 0 for none.
    """

    id = fields.BigIntField(primary_key=True)
    number = fields.CharField(max_length=32, unique=True)
    name = fields.CharField(max_length=64)
    department = fields.CharField(max_length=96, default="")
    class_id = fields.SmallIntField()
    is_active = fields.BooleanField(default=True)
    is_adult = fields.BooleanField(default=True, db_default=True)
    is_limited = fields.BooleanField(default=False, db_default=False)
    campus_id = fields.IntField(default=0, db_default=0)
    pin_hash = fields.CharField(max_length=160, null=True)
    pin_failures = fields.SmallIntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        """Table name; lists are narrowed by these and stand in the order of numbers."""

        table = "cardholder"
        indexes = (
            Index(name="holder_by_name", fields=["name", "number"]),
            Index(name="holder_by_class", fields=["class_id", "number"]),
            Index(name="holder_by_department", fields=["department", "number"]),
            Index(name="holder_by_campus", fields=["campus_id", "number"]),
        )


class TallyRow(Model):
    """What one cardholder has spent in the latest business day and period: limits read this.

    It belongs to the holder, not to the card, so a replaced card does not start anew. `business_on`
    is YYYYMMDD (0: nothing yet), `last_at` Unix seconds. Recomputable from `payment` at any time.
    """

    holder_id = fields.BigIntField(primary_key=True, generated=False)
    business_on = fields.IntField(default=0)
    period_id = fields.CharField(max_length=16, default="")
    day_fen = fields.BigIntField(default=0)
    meal_fen = fields.BigIntField(default=0)
    meal_count = fields.IntField(default=0)
    last_at = fields.BigIntField(default=0)
    last_terminal_id = fields.IntField(default=0)

    class Meta:
        """Table name."""

        table = "tally"
