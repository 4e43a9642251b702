"""Cards, the phones bound to them, and the numbered list of refused credentials."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class CardRow(Model):
    """A cardholder's card: `number` is 7 digits + Damm, `state` a `campus_code.CardState`.

    `issue` rises when a phone is bound or a loss is reported and kills the old phone's codes.
    `changed_version` is the card-directory version of the last change terminals must hear of,
    `doors_version` the doors list's, of the last change doors must hear of.
    `frozen_at` and `issue_raised_at` (Unix seconds, 0: never) decide who bears a payment that a
    terminal took offline: the holder up to that moment, the school after it.
    """

    id = fields.BigIntField(primary_key=True)
    number = fields.CharField(max_length=8, unique=True)
    holder_id = fields.BigIntField(db_index=True)
    state = fields.SmallIntField(default=0)
    are_doors_frozen = fields.BooleanField(default=False)
    issue = fields.SmallIntField(default=0)
    issue_raised_at = fields.BigIntField(default=0)
    offline_limit_fen = fields.BigIntField(default=0)
    changed_version = fields.BigIntField(default=0, db_index=True)
    doors_version = fields.BigIntField(default=0, db_default=0, db_index=True)
    frozen_at = fields.BigIntField(default=0)
    frozen_by = fields.CharField(max_length=64, default="")
    replaces_id = fields.BigIntField(null=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        """Table name; the few cards that are not active are found by their state."""

        table = "card"
        indexes = (Index(name="card_by_state", fields=["state", "holder_id"]),)


class BindingRow(Model):
    """A one-time binding code the office handed out, only its hash is kept."""

    id = fields.BigIntField(primary_key=True)
    card_id = fields.BigIntField(db_index=True)
    code_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        """Table name."""

        table = "binding"


class PhoneRow(Model):
    """A phone that was bound to a card under one issue, `wechat_id` is its login's account."""

    id = fields.BigIntField(primary_key=True)
    card_id = fields.BigIntField(db_index=True)
    issue = fields.SmallIntField()
    wechat_id = fields.BigIntField(null=True)
    bound_at = fields.DatetimeField()
    unbound_at = fields.DatetimeField(null=True)

    class Meta:
        """Table name; a login finds its phone by the account."""

        table = "phone"
        indexes = (("wechat_id",),)


class DenylistConfirmationRow(Model):
    """An office has looked at the denylist of a version and means every denial on it."""

    version = fields.BigIntField(primary_key=True)
    confirmed_by = fields.CharField(max_length=64)
    confirmed_at = fields.DatetimeField()
    reason = fields.CharField(max_length=200)

    class Meta:
        """Table name."""

        table = "denylist_confirmation"


class DenialRow(Model):
    """One line of the denylist. Its id is its version: append-only, a lift is a new line."""

    version = fields.BigIntField(primary_key=True)
    card_number = fields.CharField(max_length=8, db_index=True)
    issue = fields.SmallIntField(null=True)
    state = fields.SmallIntField()
    made_at = fields.DatetimeField()
    made_by = fields.CharField(max_length=64)

    class Meta:
        """Table name."""

        table = "denial"
