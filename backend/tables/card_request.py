"""Cards that two people open, and how many an office may ask for in a day."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class CardRequestRow(Model):
    """A guest's card or a second one: asked for by one person, decided by another.

    `asked_on` is the business day the office's quota is counted in. `card_id` is 0 until it is
    approved; a guest's `holder_id` is too. `until_at` (Unix seconds) is 0 for a second card.
    `campus_id` is where its holder is at home, or the guest will be: who sees it goes by that.
    """

    id = fields.BigIntField(primary_key=True)
    request_key = fields.CharField(max_length=64, unique=True)
    kind = fields.CharField(max_length=12)
    office = fields.CharField(max_length=32)
    asked_on = fields.IntField()
    holder_id = fields.BigIntField(default=0)
    name = fields.CharField(max_length=64, default="")
    class_id = fields.SmallIntField(default=0)
    until_at = fields.BigIntField(default=0)
    reason = fields.CharField(max_length=200)
    asked_by = fields.CharField(max_length=64)
    asked_at = fields.BigIntField()
    decision = fields.CharField(max_length=8, default="")
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    card_id = fields.BigIntField(default=0)
    campus_id = fields.IntField(default=0, db_default=0)

    class Meta:
        """Table name; a day's requests of an office are counted, a holder's are listed."""

        table = "card_request"
        indexes = (
            Index(name="card_request_of_day", fields=["office", "asked_on"]),
            Index(name="card_request_of_holder", fields=["holder_id"]),
        )


class CardQuotaRow(Model):
    """How many cards an office may ask for in a business day; without a row it may not."""

    office = fields.CharField(max_length=32, primary_key=True)
    cards_a_day = fields.IntField()
    set_by = fields.CharField(max_length=64)
    set_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "card_quota"
