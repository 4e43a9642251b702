"""WeChat Pay's bills of a day, what they prove, and on what the books differ."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class BillRow(Model):
    """One bill as it came, `body` is its gzipped text. `kind` is a `domain.wechat_pay.BillKind`.

    A day without a bill (nothing moved) has a row with an empty body.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=12)
    day_on = fields.IntField()
    text_hash = fields.CharField(max_length=64)
    line_count = fields.IntField()
    body = fields.BinaryField()
    fetched_at = fields.BigIntField()
    fetched_by = fields.CharField(max_length=64)

    class Meta:
        """Table name; a day has each bill once."""

        table = "bill"
        unique_together = (("kind", "day_on"),)


class BillDayRow(Model):
    """One Beijing day whose bill was held against orders and ledger (id: YYYYMMDD).

    `proven_fen` is what the bill proved (payments less refunds), `fee_fen` what it cost;
    `entry_id` is the entry that booked both (0: nothing to book).
    """

    id = fields.IntField(primary_key=True, generated=False)
    payments = fields.IntField()
    refunds = fields.IntField()
    proven_fen = fields.BigIntField()
    fee_fen = fields.BigIntField()
    differences = fields.IntField()
    entry_id = fields.BigIntField(default=0)
    reconciled_at = fields.BigIntField()
    reconciled_by = fields.CharField(max_length=64)

    class Meta:
        """Table name."""

        table = "bill_day"


class ProofRow(Model):
    """A bill's line that proves one entry on the way to or from WeChat Pay. Append-only.

    `proves_id` is that entry, `entry_id` the one that booked the day's bill; `amount_fen` is
    negative for a refund.
    """

    proves_id = fields.BigIntField(primary_key=True, generated=False)
    entry_id = fields.BigIntField(db_index=True)
    day_on = fields.IntField()
    amount_fen = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "proof"


class DifferenceRow(Model):
    """One number on which bill, orders and ledger differ, see `domain.reconciliation`.

    `state`: open, asked (one person proposed to settle it) or settled. `entry_id` is what was
    booked for it.
    """

    id = fields.BigIntField(primary_key=True)
    day_on = fields.IntField(db_index=True)
    subject = fields.CharField(max_length=8)
    cause = fields.CharField(max_length=20)
    reference = fields.CharField(max_length=64)
    proposal = fields.CharField(max_length=12)
    bill_fen = fields.BigIntField(null=True)
    ours_fen = fields.BigIntField(null=True)
    ledger_fen = fields.BigIntField(null=True)
    transaction_id = fields.CharField(max_length=32, default="")
    found_at = fields.BigIntField()
    state = fields.CharField(max_length=8, default="open")
    asked_by = fields.CharField(max_length=64, default="")
    asked_at = fields.BigIntField(default=0)
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    note = fields.CharField(max_length=200, default="")
    entry_id = fields.BigIntField(default=0)

    class Meta:
        """Table name; found again, it is the same difference."""

        table = "difference"
        unique_together = (("day_on", "subject", "reference", "cause"),)
