"""What reports are made of: totals a day, kept beside the books and made from nothing else."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class DayTotalRow(Model):
    """What was paid on one business day by one value of a dimension: a terminal, class, department.

    `merchant_id` is 0 where the dimension is not told by merchant (`domain.report.Dimension`).
    `payable_fen` is the merchants' own part, `corrected_fen` what reversals and refunds took back.
    """

    id = fields.BigIntField(primary_key=True)
    dimension = fields.CharField(max_length=12)
    value = fields.CharField(max_length=96)
    merchant_id = fields.IntField()
    business_on = fields.IntField()
    payments = fields.IntField(default=0)
    offline_payments = fields.IntField(default=0)
    nominal_fen = fields.BigIntField(default=0)
    discount_fen = fields.BigIntField(default=0)
    fee_fen = fields.BigIntField(default=0)
    charged_fen = fields.BigIntField(default=0)
    borne_fen = fields.BigIntField(default=0)
    payable_fen = fields.BigIntField(default=0)
    corrected_fen = fields.BigIntField(default=0)

    class Meta:
        """Table name and the natural key."""

        table = "day_total"
        unique_together = (("dimension", "business_on", "merchant_id", "value"),)


class AccountDayRow(Model):
    """What went out of (debit) and into (credit) an account on one Beijing day of booking.

    All purses of a kind that stand in one book are told together under the account id of nobody's
    (holder 0's) purse. `book_id` is the account's, see `AccountRow`.
    """

    id = fields.BigIntField(primary_key=True)
    account_id = fields.BigIntField()
    book_id = fields.IntField()
    booked_on = fields.IntField()
    debit_fen = fields.BigIntField(default=0)
    credit_fen = fields.BigIntField(default=0)
    postings = fields.IntField(default=0)

    class Meta:
        """Table name and the natural key."""

        table = "account_day"
        unique_together = (("account_id", "book_id", "booked_on"),)


class BookFlowRow(Model):
    """What went from the accounts of one book to those of another on one Beijing day.

    So much more the source's campus owes the target's. Within a book nothing is written down.
    """

    id = fields.BigIntField(primary_key=True)
    source_book = fields.IntField()
    target_book = fields.IntField()
    booked_on = fields.IntField()
    amount_fen = fields.BigIntField(default=0)
    postings = fields.IntField(default=0)

    class Meta:
        """Table name and the natural key."""

        table = "book_flow"
        unique_together = (("source_book", "target_book", "booked_on"),)


class LaneDayRow(Model):
    """Which entries of a lane were booked on a Beijing day: after_id < id <= through_id."""

    id = fields.BigIntField(primary_key=True)
    lane_id = fields.IntField()
    booked_on = fields.IntField(db_index=True)
    after_id = fields.BigIntField()
    through_id = fields.BigIntField()

    class Meta:
        """Table name; a clock that was set back makes a second span of the same day."""

        table = "lane_day"
        unique_together = (("lane_id", "after_id"),)


class DayMarkRow(Model):
    """How far the totals a day have read in one lane (entries with ids ≤ `through_id`)."""

    lane_id = fields.IntField(primary_key=True, generated=False)
    through_id = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "day_mark"
