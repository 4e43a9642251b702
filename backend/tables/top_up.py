"""Top-ups on their way in, the lots they become in a purse, and the refunds on their way back."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class TopUpRow(Model):
    """An order at WeChat Pay, see `domain.top_up`. `payer` is who ordered: `guardian:3`.

    The number is ours and unguessable; `request_key` is the asking phone's own, so that a repeat
    gets the first order. `transaction_id` stands when it is paid, `entry_id` is then the credit's.
    `due_at` is when WeChat Pay is asked next (0: not any more). Times are Unix seconds.
    """

    id = fields.BigIntField(primary_key=True)
    out_trade_no = fields.CharField(max_length=32, unique=True)
    request_key = fields.CharField(max_length=64, unique=True)
    holder_id = fields.BigIntField(db_index=True)
    payer = fields.CharField(max_length=64)
    wechat_id = fields.BigIntField()
    app_id = fields.CharField(max_length=32)
    mchid = fields.CharField(max_length=16)
    amount_fen = fields.BigIntField()
    state = fields.CharField(max_length=8, default="started")
    held_because = fields.CharField(max_length=64, default="")
    transaction_id = fields.CharField(max_length=32, null=True, unique=True)
    entry_id = fields.BigIntField(default=0)
    proven_by = fields.CharField(max_length=8, default="")
    started_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    paid_at = fields.BigIntField(default=0)
    credited_at = fields.BigIntField(default=0)
    due_at = fields.BigIntField(default=0)
    tries = fields.SmallIntField(default=0)

    class Meta:
        """Table name; what is to be asked is found by its due time."""

        table = "top_up"
        indexes = (("due_at",),)


class InvitationRow(Model):
    """An address with which a relative may pay once, without an account of ours.

    Only the token's hash is kept. `top_up_id` is the order that was made with it; it may be made
    anew (another row) as long as none was paid.
    """

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    holder_id = fields.BigIntField(db_index=True)
    made_by = fields.CharField(max_length=64)
    amount_fen_max = fields.BigIntField()
    made_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    top_up_id = fields.BigIntField(default=0)
    ended_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "invitation"


class LotRow(Model):
    """Money that came into a holder's cash purse in one piece. Append-only, under the chain.

    The id is its journal entry's. What is left of a lot is never stored: spending uses the oldest
    lots up first, so `domain.lot` knows it from the balance. `origin` is a `domain.lot.Origin`;
    `reference` our number (or the office's request key), `transaction_id` WeChat Pay's.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    holder_id = fields.BigIntField(db_index=True)
    origin = fields.CharField(max_length=8)
    reference = fields.CharField(max_length=64, unique=True)
    transaction_id = fields.CharField(max_length=32, null=True, unique=True)
    amount_fen = fields.BigIntField()
    paid_at = fields.BigIntField()
    posted_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "lot"


class LotReturnRow(Model):
    """A part of a lot that went back to where it came from, or (`undoes_id`) did not after all.

    Append-only, under the chain; the id is its journal entry's. `lot_id` 0: money that belongs to
    no lot (brought in before there were any), paid out in cash.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    lot_id = fields.BigIntField(db_index=True)
    holder_id = fields.BigIntField(db_index=True)
    reference = fields.CharField(max_length=64)
    undoes_id = fields.BigIntField()
    amount_fen = fields.BigIntField()
    posted_at = fields.BigIntField()

    class Meta:
        """Table name; one number goes out once and comes back at most once."""

        table = "lot_return"
        unique_together = (("reference", "lot_id", "undoes_id"),)


class RefundRow(Model):
    """A refund of a top-up to its payer: asked for by one, decided by another, done by WeChat Pay.

    `state` is a `domain.refund.RefundState`. `entry_id` took the money out of the purse,
    `undone_id` brought it back when WeChat Pay would not. `accepted_at`: when it took the refund,
    `sent_at`: when it was last asked to. `settled_by` and `note`: who took an abnormal one as done.
    """

    id = fields.BigIntField(primary_key=True)
    out_refund_no = fields.CharField(max_length=32, unique=True)
    request_key = fields.CharField(max_length=64, unique=True)
    top_up_id = fields.BigIntField(db_index=True)
    lot_id = fields.BigIntField()
    holder_id = fields.BigIntField(db_index=True)
    amount_fen = fields.BigIntField()
    reason = fields.CharField(max_length=80)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    decided_by = fields.CharField(max_length=64, default="")
    decided_at = fields.BigIntField(default=0)
    state = fields.CharField(max_length=12, default="asked")
    fault = fields.CharField(max_length=64, default="")
    entry_id = fields.BigIntField(default=0)
    undone_id = fields.BigIntField(default=0)
    refund_id = fields.CharField(max_length=32, default="")
    accepted_at = fields.BigIntField(default=0)
    ended_at = fields.BigIntField(default=0)
    due_at = fields.BigIntField(default=0)
    tries = fields.SmallIntField(default=0)
    sent_at = fields.BigIntField(default=0, db_default=0)
    settled_by = fields.CharField(max_length=64, default="", db_default="")
    note = fields.CharField(max_length=200, default="", db_default="")

    class Meta:
        """Table name; what is to be done is found by its due time."""

        table = "refund"
        indexes = (("due_at",),)
