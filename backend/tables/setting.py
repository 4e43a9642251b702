"""What a school sets while it runs: numbers with their history, features switched per place."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class SettingRow(Model):
    """A setting (`domain.setting`) that is not at its default."""

    name = fields.CharField(primary_key=True, max_length=32)
    value = fields.IntField()

    class Meta:
        """Table name."""

        table = "setting"


class SettingChangeRow(Model):
    """Who set what, from what to what, when and why. Append-only."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=32, db_index=True)
    before = fields.IntField()
    after = fields.IntField()
    reason = fields.CharField(max_length=200)
    changed_by = fields.CharField(max_length=64)
    changed_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "setting_change"


class SwitchRow(Model):
    """Whether a feature is on: in the school (place 0, no group), at a place, in a group there."""

    id = fields.BigIntField(primary_key=True)
    feature = fields.CharField(max_length=24)
    place_id = fields.IntField(default=0)
    group_id = fields.CharField(max_length=16, default="")
    is_on = fields.BooleanField()
    changed_by = fields.CharField(max_length=64)
    changed_at = fields.BigIntField()

    class Meta:
        """Table name and natural key."""

        table = "switch"
        unique_together = (("feature", "place_id", "group_id"),)
