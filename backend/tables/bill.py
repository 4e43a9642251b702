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

    `state` is a `domain.difference.DifferenceState`, `way` how it is or was asked to be settled and
    `named_id` whom or what that names. `entry_id` is what was booked for it, `item_id` the item in
    suspense that was opened for it.
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
    way = fields.CharField(max_length=12, default="", db_default="")
    named_id = fields.BigIntField(default=0, db_default=0)
    item_id = fields.BigIntField(default=0, db_default=0)

    class Meta:
        """Table name; found again, it is the same difference."""

        table = "difference"
        unique_together = (("day_on", "subject", "reference", "cause"),)


class GiveBackRow(Model):
    """A payment that nobody was owed, on its way back to whoever paid it.

    Its money waits in suspense (`item_id`) until WeChat Pay has given it back (`entry_id`). `state`
    is asked, accepted, done or failed; `due_at` is when it goes on (0: not by itself).
    """

    id = fields.BigIntField(primary_key=True)
    out_refund_no = fields.CharField(max_length=32, unique=True)
    difference_id = fields.BigIntField(db_index=True)
    transaction_id = fields.CharField(max_length=32, unique=True)
    out_trade_no = fields.CharField(max_length=32)
    amount_fen = fields.BigIntField()
    item_id = fields.BigIntField()
    entry_id = fields.BigIntField(default=0)
    state = fields.CharField(max_length=12, default="asked")
    fault = fields.CharField(max_length=64, default="")
    refund_id = fields.CharField(max_length=32, default="")
    accepted_at = fields.BigIntField(default=0)
    ended_at = fields.BigIntField(default=0)
    due_at = fields.BigIntField(default=0)
    tries = fields.SmallIntField(default=0)

    class Meta:
        """Table name; a transaction is given back whole, once."""

        table = "give_back"
        indexes = (("due_at",),)
