"""Staff who log in, the sessions of people, and the trail of who did what."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class StaffRow(Model):
    """A person who works in an office. `role` is one of `domain.access.Role`.

    It is held in the whole school, at `place_id` and below it, or (a cashier's) for `merchant_id`;
    further roles are in `appointment`.
    """

    id = fields.BigIntField(primary_key=True)
    login = fields.CharField(max_length=32, unique=True)
    name = fields.CharField(max_length=64)
    role = fields.CharField(max_length=16)
    merchant_id = fields.IntField(null=True)
    place_id = fields.IntField(default=0, db_default=0)
    password_hash = fields.CharField(max_length=160)
    totp_secret = fields.CharField(max_length=160)
    is_enrolled = fields.BooleanField(default=False)
    is_active = fields.BooleanField(default=True)
    failures = fields.SmallIntField(default=0)
    locked_until = fields.BigIntField(default=0)
    last_totp_step = fields.BigIntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        """Table name."""

        table = "staff"


class SessionRow(Model):
    """A person's session. `audience` is student or staff, `subject_id` the card or staff row.

    `opened_from` is the address a member of staff logged in from, nobody else's is kept.
    """

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    audience = fields.CharField(max_length=16)
    subject_id = fields.BigIntField(db_index=True)
    phone_id = fields.BigIntField(null=True)
    opened_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    opened_from = fields.CharField(max_length=45, default="", db_default="")

    class Meta:
        """Table name."""

        table = "session"


class AuditRow(Model):
    """One thing somebody did or looked at. Append-only (a trigger refuses change)."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=64)
    verb = fields.CharField(max_length=48)
    subject = fields.CharField(max_length=64, db_index=True)
    detail = fields.JSONField[dict[str, object]](default=dict)

    class Meta:
        """Table name."""

        table = "audit"
