"""Merchants, and what they are paid for a business day."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class MerchantRow(Model):
    """A canteen window, shop or library, its payable is `accounts.merchant_account(id)`.

    `place_id` is where it stands in the tree of places, 0: nowhere in particular.
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=64, unique=True)
    is_active = fields.BooleanField(default=True)
    place_id = fields.IntField(default=0, db_default=0, db_index=True)

    class Meta:
        """Table name."""

        table = "merchant"


class SettlementRow(Model):
    """One merchant's settlement of one business day (YYYYMMDD): gross − refunds − fees = net."""

    id = fields.BigIntField(primary_key=True, generated=False)
    merchant_id = fields.IntField()
    business_on = fields.IntField()
    payments = fields.IntField()
    offline_payments = fields.IntField()
    late_payments = fields.IntField()
    gross_fen = fields.BigIntField()
    refunded_fen = fields.BigIntField()
    net_fen = fields.BigIntField()
    settled_at = fields.BigIntField()

    class Meta:
        """Table name and the natural key."""

        table = "settlement"
        unique_together = (("merchant_id", "business_on"),)


class PeriodTotalRow(Model):
    """Totals of one merchant, business day and period, kept by the roll-up.

    `payable_fen` is what payments brought the merchant (charged without the school's fees),
    `corrected_fen` what reversals and refunds took back from that.
    """

    id = fields.BigIntField(primary_key=True)
    merchant_id = fields.IntField()
    business_on = fields.IntField()
    period_id = fields.CharField(max_length=16)
    payments = fields.IntField(default=0)
    offline_payments = fields.IntField(default=0)
    nominal_fen = fields.BigIntField(default=0)
    discount_fen = fields.BigIntField(default=0)
    fee_fen = fields.BigIntField(default=0)
    charged_fen = fields.BigIntField(default=0)
    payable_fen = fields.BigIntField(default=0)
    corrected_fen = fields.BigIntField(default=0)

    class Meta:
        """Table name and the natural key."""

        table = "period_total"
        unique_together = (("merchant_id", "business_on", "period_id"),)
