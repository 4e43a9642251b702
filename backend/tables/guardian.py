"""Guardians, whose children they are, the codes that made them so, and the school's contacts."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class GuardianRow(Model):
    """A person who looks after cardholders, known by a WeChat account and nothing else."""

    id = fields.BigIntField(primary_key=True)
    wechat_id = fields.BigIntField(unique=True)
    created_at = fields.DatetimeField()

    class Meta:
        """Table name."""

        table = "guardian"


class GuardianshipRow(Model):
    """One guardian of one cardholder. `name` is what the guardian is called: 妈妈, 王阿姨.

    `sees` is a `domain.guardian.Sees`, or empty as long as an adult holder has not chosen.
    """

    id = fields.BigIntField(primary_key=True)
    guardian_id = fields.BigIntField()
    holder_id = fields.BigIntField(db_index=True)
    name = fields.CharField(max_length=32)
    sees = fields.CharField(max_length=8, default="")
    bound_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Table name; a guardian who comes back gets the same row again."""

        table = "guardianship"
        unique_together = (("guardian_id", "holder_id"),)


class GuardianCodeRow(Model):
    """A one-time code that makes its bearer a guardian of a cardholder, only its hash is kept."""

    id = fields.BigIntField(primary_key=True)
    holder_id = fields.BigIntField(db_index=True)
    code_hash = fields.CharField(max_length=64, unique=True)
    made_by = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        """Table name."""

        table = "guardian_code"


class ContactRow(Model):
    """A phone number the school has for a cardholder: a keyed hash and its last four digits.

    `kind` is self or guardian, a `domain.guardian.ContactKind`.
    """

    id = fields.BigIntField(primary_key=True)
    holder_id = fields.BigIntField()
    kind = fields.CharField(max_length=8)
    phone_hash = fields.CharField(max_length=64, db_index=True)
    tail = fields.CharField(max_length=4)
    made_by = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()

    class Meta:
        """Table name; the same number is noted once, and people are found by its last digits."""

        table = "contact"
        indexes = (Index(name="contact_by_tail", fields=["tail"]),)
        unique_together = (("holder_id", "kind", "phone_hash"),)
