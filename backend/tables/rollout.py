"""Rules that are written but not in force: drafts, and bundles that a few terminals try first."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class RulesDraftRow(Model):
    """A rules bundle in the making. `body` is JSON that need not be a whole bundle yet.

    `revision` rises with every change, so that nobody overwrites what somebody else just saved.
    `base_version` is the bundle it began from. It ends published (as which version) or discarded.
    """

    id = fields.BigIntField(primary_key=True)
    title = fields.CharField(max_length=64)
    body = fields.TextField()
    base_version = fields.BigIntField()
    revision = fields.IntField(default=1)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    changed_by = fields.CharField(max_length=64)
    changed_at = fields.BigIntField()
    published_version = fields.BigIntField(default=0)
    ended_at = fields.BigIntField(default=0, db_index=True)

    class Meta:
        """Table name."""

        table = "rules_draft"


class RolloutRow(Model):
    """A bundle that chosen terminals hold first. While it runs, `base_version` is in force.

    `slot` is 1 while it runs and NULL after it: the unique index lets one run at a time.
    `refusals_before` is what each terminal had refused on the business day when it began.
    `outcome`: "" while it runs, then promoted or rolled_back.
    """

    id = fields.BigIntField(primary_key=True)
    version = fields.BigIntField(unique=True)
    base_version = fields.BigIntField()
    terminal_ids = fields.JSONField[list[int]](default=list)
    refusals_before = fields.JSONField[dict[str, int]](default=dict)
    reason = fields.CharField(max_length=200)
    begun_by = fields.CharField(max_length=64)
    begun_at = fields.BigIntField()
    begun_on = fields.IntField()
    ended_by = fields.CharField(max_length=64, default="")
    ended_at = fields.BigIntField(default=0)
    end_reason = fields.CharField(max_length=200, default="")
    outcome = fields.CharField(max_length=12, default="")
    slot = fields.SmallIntField(null=True, unique=True)

    class Meta:
        """Table name."""

        table = "rollout"
