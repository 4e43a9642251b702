"""Doors: the rules in force, who was granted which zone, and what doors wrote down."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class DoorRulesRow(Model):
    """Published door rules: canonical JSON, never changed after. `version` is the doors list's."""

    version = fields.BigIntField(primary_key=True, generated=False)
    body = fields.TextField()
    published_at = fields.BigIntField()
    published_by = fields.CharField(max_length=64)

    class Meta:
        """Table name."""

        table = "door_rules"


class DoorRow(Model):
    """A terminal that is a door by the rules in force."""

    terminal_id = fields.IntField(primary_key=True, generated=False)
    zone = fields.IntField()

    class Meta:
        """Table name."""

        table = "door"


class DoorGrantRow(Model):
    """A zone granted to a holder by name, until a Unix second or (0) without end."""

    id = fields.BigIntField(primary_key=True)
    holder_id = fields.BigIntField()
    zone = fields.IntField()
    until_at = fields.BigIntField(default=0)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()

    class Meta:
        """Table name; a zone is granted once."""

        table = "door_grant"
        unique_together = (("holder_id", "zone"),)


class DoorJournalRow(Model):
    """How far a door's log is here; its row orders the uploads of one door."""

    terminal_id = fields.IntField(primary_key=True, generated=False)
    sequence = fields.BigIntField(default=0)
    chain = fields.CharField(max_length=64, default="0" * 64)

    class Meta:
        """Table name."""

        table = "door_journal"


class DoorEventRow(Model):
    """One event of a door, deleted by the worker when its time is over.

    `holder_id` is null for an event of the door itself and for a card nobody knows. `fault`: what
    is wrong with the code by the server's own key, "" for nothing.
    """

    id = fields.BigIntField(primary_key=True)
    terminal_id = fields.IntField()
    sequence = fields.BigIntField()
    kind = fields.CharField(max_length=20)
    word = fields.CharField(max_length=32)
    zone = fields.IntField()
    side = fields.CharField(max_length=3)
    at = fields.BigIntField(db_index=True)
    received_at = fields.BigIntField(db_index=True)
    holder_id = fields.BigIntField(null=True)
    is_passback = fields.BooleanField(default=False)
    fault = fields.CharField(max_length=32, default="")
    body_hash = fields.CharField(max_length=64)

    class Meta:
        """Table name, the natural key, and what a holder's own passages are found by."""

        table = "door_event"
        unique_together = (("terminal_id", "sequence"),)
        indexes = (("holder_id", "id"),)


class DoorConflictRow(Model):
    """Another content under a sequence that is known: kept whole for a person, as events are."""

    id = fields.BigIntField(primary_key=True)
    terminal_id = fields.IntField()
    sequence = fields.BigIntField()
    body = fields.TextField()
    body_hash = fields.CharField(max_length=64)
    received_at = fields.BigIntField(db_index=True)

    class Meta:
        """Table name; the same content is kept once."""

        table = "door_conflict"
        unique_together = (("terminal_id", "sequence", "body_hash"),)
