"""What stands in for a lost second factor: codes its owner keeps, or a new one by two people."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class RecoveryCodeRow(Model):
    """A one-time code in the place of the authenticator's; only the hash is kept."""

    id = fields.BigIntField(primary_key=True)
    staff_id = fields.BigIntField(db_index=True)
    code_hash = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    used_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "recovery_code"


class FactorResetRow(Model):
    """A new second factor for somebody: one person asks, another gives it, neither is he.

    A CHECK holds that too; `for_whom` is the label of `staff_id` for its sake.
    """

    id = fields.BigIntField(primary_key=True)
    staff_id = fields.BigIntField(db_index=True)
    for_whom = fields.CharField(max_length=64)
    reason = fields.CharField(max_length=200)
    asked_by = fields.CharField(max_length=64)
    asked_at = fields.BigIntField()
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    decision = fields.CharField(max_length=8, default="")

    class Meta:
        """Table name."""

        table = "factor_reset"
