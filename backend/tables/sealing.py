"""The trail's chain: each line sealed once, in the order in which the sealer came upon it."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class AuditSealRow(Model):
    """A line of the trail in its chain. `number` counts from 1 without a gap; append-only.

    `hash` is keyed with the server's key file: it covers the hash before, the number and all that
    the line says (`domain.sealing`), so who can only write the database cannot make one.
    """

    number = fields.BigIntField(primary_key=True, generated=False)
    audit_id = fields.BigIntField(unique=True)
    hash = fields.CharField(max_length=64)

    class Meta:
        """Table name."""

        table = "audit_seal"
