"""Payments and what became of them: reversals, corrections, disputes, suspense, quarantine.

Rows here are written by `ledger.py` only, in the same transaction as their postings, but for what
people ask and decide (`correction_request`, and a holder's own `dispute`): that moves no money.
`payment`, `reversal` and `correction` are append-only; triggers refuse UPDATE and DELETE.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PaymentRow(Model):
    """A cardholder paid a merchant. Its id is the id of its journal entry.

    Two natural keys never expire: `(terminal_id, sequence)` and `code_key`, which is one number
    made of (step, issue, card number), see `domain.payment.code_key`. A disputed second use of a
    code stores NULL there, so that the database itself lets one code pay once. Time is the high
    part of the number, so the index grows at its end and stays cheap.

    `borne_fen` is the part of `charged_fen` that the school bears instead of the holder.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    terminal_id = fields.IntField()
    sequence = fields.BigIntField()
    merchant_id = fields.IntField()
    card_id = fields.BigIntField()
    holder_id = fields.BigIntField()  # with business_on in an index of migration 0011
    code_key = fields.BigIntField(null=True, unique=True)
    credential = fields.CharField(max_length=9)
    class_id = fields.SmallIntField()
    period_id = fields.CharField(max_length=16)
    business_on = fields.IntField()
    nominal_fen = fields.BigIntField()
    discount_fen = fields.BigIntField()
    fee_fen = fields.BigIntField()
    charged_fen = fields.BigIntField()
    borne_fen = fields.BigIntField()
    was_offline = fields.BooleanField()
    outcome = fields.CharField(max_length=8)
    reason = fields.CharField(max_length=32)
    occurred_at = fields.BigIntField()
    posted_at = fields.BigIntField()

    class Meta:
        """Table name and the natural keys."""

        table = "payment"
        unique_together = (("terminal_id", "sequence"),)


class ReversalRow(Model):
    """Undo of an attempt whose outcome the terminal did not learn, a tombstone if none came.

    `payment_id` is 0 when the attempt was not posted before the reversal, a later arrival of
    `(terminal_id, reverses)` is then refused.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    terminal_id = fields.IntField()
    reverses = fields.BigIntField()
    sequence = fields.BigIntField()
    payment_id = fields.BigIntField()
    posted_at = fields.BigIntField()

    class Meta:
        """Table name and the natural key."""

        table = "reversal"
        unique_together = (("terminal_id", "reverses"),)


class CorrectionRow(Model):
    """A refund or void of a payment, with the two people who stand for it."""

    id = fields.BigIntField(primary_key=True, generated=False)
    payment_id = fields.BigIntField(db_index=True)
    request_key = fields.CharField(max_length=64, unique=True)
    kind = fields.CharField(max_length=8)
    amount_fen = fields.BigIntField()
    made_by = fields.CharField(max_length=64)
    approved_by = fields.CharField(max_length=64)
    reason = fields.CharField(max_length=200)
    posted_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "correction"


class CorrectionRequestRow(Model):
    """A refund or void that one person asked for and another has to approve."""

    id = fields.BigIntField(primary_key=True)
    request_key = fields.CharField(max_length=64, unique=True)
    payment_id = fields.BigIntField(db_index=True)
    kind = fields.CharField(max_length=8)
    amount_fen = fields.BigIntField()
    reason = fields.CharField(max_length=200)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    decision = fields.CharField(max_length=8, default="")

    class Meta:
        """Table name."""

        table = "correction_request"


class SuspenseRow(Model):
    """One item that keeps a clearing or risk account from zero: why, how much, whose."""

    id = fields.BigIntField(primary_key=True, generated=False)
    account_id = fields.BigIntField(db_index=True)
    holder_id = fields.BigIntField()
    amount_fen = fields.BigIntField()
    reason = fields.CharField(max_length=32)
    opened_at = fields.BigIntField()
    settled_by_id = fields.BigIntField(default=0)

    class Meta:
        """Table name; the id is the payment's."""

        table = "suspense"


class DisputeRow(Model):
    """A contested payment, e.g. one code used at two terminals that could not hear each other.

    The ledger contests a second use of a code by itself, in the payment's own transaction: then
    `made_by` is empty. A holder contests what stands already, so the two never meet in one row.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    first_payment_id = fields.BigIntField()
    card_id = fields.BigIntField(db_index=True)
    reason = fields.CharField(max_length=32)
    opened_at = fields.BigIntField()
    decided_at = fields.BigIntField(default=0)
    decision = fields.CharField(max_length=16, default="")
    made_by = fields.CharField(max_length=64, default="", db_default="")
    note = fields.CharField(max_length=200, default="", db_default="")
    decided_by = fields.CharField(max_length=64, default="", db_default="")
    decision_note = fields.CharField(max_length=200, default="", db_default="")

    class Meta:
        """Table name; the id is the contested payment's."""

        table = "dispute"


class QuarantineRow(Model):
    """What a terminal sent that cannot be posted: kept whole, shown to a human, never lost."""

    id = fields.BigIntField(primary_key=True)
    terminal_id = fields.IntField()
    sequence = fields.BigIntField()
    reason = fields.CharField(max_length=32)
    body = fields.TextField()
    body_hash = fields.CharField(max_length=64)
    received_at = fields.BigIntField()
    resolved_at = fields.BigIntField(default=0)

    class Meta:
        """Table name; the same content is kept once."""

        table = "quarantine"
        unique_together = (("terminal_id", "sequence", "body_hash"),)
