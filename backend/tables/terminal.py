"""Terminals: enrolment tokens, devices and their sessions, what each of them holds."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class EnrolmentRow(Model):
    """A one-time token with which a device enrols itself, only the hash is kept."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=64)
    merchant_id = fields.IntField()
    group_id = fields.CharField(max_length=16)
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    terminal_id = fields.IntField(null=True)

    class Meta:
        """Table name."""

        table = "enrolment"


class TerminalRow(Model):
    """An enrolled device. Its private keys never leave it, here are the public halves (hex).

    `journal_sequence` and `journal_hash` are the end of the chain the server has accepted.
    Versions and heartbeat fields say what the device reported last.
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=64)
    merchant_id = fields.IntField(db_index=True)
    group_id = fields.CharField(max_length=16)
    signing_key = fields.CharField(max_length=64, unique=True)
    sealing_key = fields.CharField(max_length=64)
    enrolled_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    journal_sequence = fields.BigIntField(default=0)
    journal_hash = fields.CharField(max_length=64, default="0" * 64)
    seen_at = fields.DatetimeField(null=True)
    clock_skew_seconds = fields.IntField(default=0)
    journal_depth = fields.IntField(default=0)
    highest_sequence = fields.BigIntField(default=0, db_default=0)
    rules_version = fields.BigIntField(default=0)
    denylist_version = fields.BigIntField(default=0)
    directory_version = fields.BigIntField(default=0)
    keyring_version = fields.BigIntField(default=0)
    limits_version = fields.BigIntField(default=0, db_default=0)
    chips_version = fields.BigIntField(default=0, db_default=0)
    doors_version = fields.BigIntField(default=0, db_default=0)
    software = fields.CharField(max_length=64, default="")
    readiness = fields.JSONField[dict[str, object]](default=dict)

    class Meta:
        """Table name."""

        table = "terminal"


class TerminalSessionRow(Model):
    """A session: the id's hash and the HMAC key, sealed at rest under the server's sealing key."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    terminal_id = fields.IntField(db_index=True)
    sealed_key = fields.CharField(max_length=160)
    opened_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Table name."""

        table = "terminal_session"


class StolenTerminalRow(Model):
    """A terminal reported stolen, the epochs made for it and when the old ones end."""

    terminal_id = fields.IntField(primary_key=True, generated=False)
    stolen_at = fields.BigIntField()
    reported_at = fields.BigIntField()
    reported_by = fields.CharField(max_length=64)
    reason = fields.CharField(max_length=200)
    overlap_ends_at = fields.BigIntField()
    epochs = fields.CharField(max_length=64)

    class Meta:
        """Table name."""

        table = "stolen_terminal"


class RefusalCountRow(Model):
    """How often a terminal refused, by business day and reason, as the terminal itself counts."""

    id = fields.BigIntField(primary_key=True)
    terminal_id = fields.IntField()
    business_on = fields.IntField()
    reason = fields.CharField(max_length=32)
    count = fields.IntField()

    class Meta:
        """Table name and the natural key."""

        table = "refusal_count"
        unique_together = (("terminal_id", "business_on", "reason"),)
