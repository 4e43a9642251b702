"""Imports of a roster and what each of them changed, so that one can be taken back as a whole."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class RosterImportRow(Model):
    """One import that changed something. `undone_at` (Unix seconds) is 0 while it stands."""

    id = fields.BigIntField(primary_key=True)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    reason = fields.CharField(max_length=200, default="")
    added = fields.IntField(default=0)
    changed = fields.IntField(default=0)
    cards = fields.IntField(default=0)
    refused = fields.IntField(default=0)
    undone_by = fields.CharField(max_length=64, default="")
    undone_at = fields.BigIntField(default=0)
    undone_reason = fields.CharField(max_length=200, default="")

    class Meta:
        """Table name."""

        table = "roster_import"


class RosterChangeRow(Model):
    """One person whom an import added (`before` empty) or changed, as canonical JSON texts.

    `outcome` is a `domain.roster_undo.Outcome` once the import was taken back, else empty.
    """

    id = fields.BigIntField(primary_key=True)
    import_id = fields.BigIntField()
    holder_id = fields.BigIntField()
    line = fields.IntField()
    before = fields.TextField()
    after = fields.TextField()
    outcome = fields.CharField(max_length=16, default="")

    class Meta:
        """Table name; an import's changes are read in the order they were made."""

        table = "roster_change"
        indexes = (
            Index(name="roster_change_of_import", fields=["import_id", "id"]),
            Index(name="roster_change_of_holder", fields=["holder_id"]),
        )
