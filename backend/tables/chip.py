"""Physical cards: which chip belongs to whose card, and the shared keys of each kind."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ChipRow(Model):
    """A chip bound to a card. A row ends and never lives again, a new binding is a new row.

    `kind` and `uid` (hex) are a `campus_code.Chip`'s. Times are Unix seconds; `ended_at` 0 while it
    lives, so that one chip lives once. `changed_version` is the chip list's version of the last
    change.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=8)
    uid = fields.CharField(max_length=20)
    card_id = fields.BigIntField(db_index=True)
    bound_at = fields.BigIntField()
    bound_by = fields.CharField(max_length=64)
    ended_at = fields.BigIntField(default=0)
    ended_by = fields.CharField(max_length=64, default="")
    changed_version = fields.BigIntField(db_index=True)

    class Meta:
        """Table name and the key that lets a chip live once."""

        table = "chip"
        unique_together = (("kind", "uid", "ended_at"),)


class ChipKeyRow(Model):
    """The shared key of one kind of chip, sealed like the masters of an epoch."""

    kind = fields.CharField(max_length=8, primary_key=True)
    master = fields.CharField(max_length=160)
    made_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "chip_key"
