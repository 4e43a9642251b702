"""What the school keeps of a settlement, and what it sends to merchants for the rest."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class CommissionRow(Model):
    """From a business day on, how many hundredths of a per cent the school keeps. Append-only."""

    id = fields.BigIntField(primary_key=True)
    merchant_id = fields.IntField()
    begins_on = fields.IntField()
    basis_points = fields.IntField()
    reason = fields.CharField(max_length=200)
    set_by = fields.CharField(max_length=64)
    set_at = fields.BigIntField()

    class Meta:
        """Table name; one word about a merchant's day."""

        table = "commission"
        unique_together = (("merchant_id", "begins_on"),)


class SettlementFeeRow(Model):
    """What the school kept of one settlement: `fee_fen` of `base_fen`. Append-only, chained.

    The id is the settlement's, whose entry has a posting of it. No row: nothing was kept.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    merchant_id = fields.IntField(db_index=True)
    basis_points = fields.IntField()
    base_fen = fields.BigIntField()
    fee_fen = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "settlement_fee"


class RemittanceRow(Model):
    """Money sent to a merchant for settlements: asked for by one person, decided by another.

    `decision` is "" while it waits, then `approved` (with the bank's `voucher`, and `entry_id` that
    booked it) or `rejected`. The database keeps the two apart and a decided one as it is.
    """

    id = fields.BigIntField(primary_key=True)
    request_key = fields.CharField(max_length=64, unique=True)
    merchant_id = fields.IntField(db_index=True)
    through_on = fields.IntField()
    settlements = fields.IntField()
    amount_fen = fields.BigIntField()
    reason = fields.CharField(max_length=200)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    decision = fields.CharField(max_length=8, default="")
    voucher = fields.CharField(max_length=64, default="")
    entry_id = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "remittance"


class RemittanceLineRow(Model):
    """A settlement that a remittance pays. `standing_id` is the settlement's id until a rejection,
    so that the database itself lets a settlement be paid once.
    """

    id = fields.BigIntField(primary_key=True)
    remittance_id = fields.BigIntField(db_index=True)
    settlement_id = fields.BigIntField(db_index=True)
    standing_id = fields.BigIntField(null=True, unique=True)
    amount_fen = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "remittance_line"


class DayCloseRow(Model):
    """A person's word that a business day is whole, and what he saw. Append-only, once a day.

    `missing` terminals had not delivered all they sold; `picture` names them, the open drawers and
    what was in suspense. What arrives later goes with later days and shows beside these figures.
    """

    business_on = fields.IntField(primary_key=True, generated=False)
    closed_by = fields.CharField(max_length=64)
    closed_at = fields.BigIntField()
    reason = fields.CharField(max_length=200)
    payments = fields.IntField()
    charged_fen = fields.BigIntField()
    debit_fen = fields.BigIntField()
    credit_fen = fields.BigIntField()
    missing = fields.IntField()
    picture = fields.JSONField[dict[str, object]](default=dict)

    class Meta:
        """Table name."""

        table = "day_close"
