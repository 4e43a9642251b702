"""What the school as a whole holds: key epochs, rules bundles, version counters, leases."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class EpochKeyRow(Model):
    """The two masters of one key epoch, sealed under the server's sealing key.

    `epoch` is absolute (its last two digits are in the code). Valid times are Unix seconds.
    """

    epoch = fields.IntField(primary_key=True, generated=False)
    valid_from = fields.BigIntField()
    valid_until = fields.BigIntField()
    terminal_master = fields.CharField(max_length=160)
    issuer_master = fields.CharField(max_length=160)
    made_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        """Table name."""

        table = "epoch_key"


class RulesRow(Model):
    """A published rules bundle: canonical JSON text, never changed after publication."""

    version = fields.BigIntField(primary_key=True, generated=False)
    body = fields.TextField()
    published_at = fields.DatetimeField()
    published_by = fields.CharField(max_length=64)

    class Meta:
        """Table name."""

        table = "rules"


class CounterRow(Model):
    """A named version counter, raised only by offices' actions (never by a payment)."""

    name = fields.CharField(max_length=32, primary_key=True)
    value = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "counter"


class LeaseRow(Model):
    """Who may do a thing that only one process may do at a time, it ends by itself."""

    name = fields.CharField(max_length=32, primary_key=True)
    owner = fields.CharField(max_length=64)
    until = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "lease"
