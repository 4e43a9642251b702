"""Ledger accounts, postings, and the chain that makes a changed posting show."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class AccountRow(Model):
    """A ledger account. Only purses keep `balance_fen`, all others are roll-up + tail.

    `code` is `purse:<holder>:<name>`, `merchant:<id>` or a school account's name
    (`domain.accounts`, where ids come from too). A CHECK keeps a purse at or above `floor_fen`.
    `book_id` is the campus whose books it stands in, 0 the school's own; it stays where it was
    opened from its first posting on.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    code = fields.CharField(max_length=48, unique=True)
    kind = fields.CharField(max_length=8)
    holder_id = fields.BigIntField(null=True, db_index=True)
    purse = fields.CharField(max_length=16, default="")
    balance_fen = fields.BigIntField(default=0)
    floor_fen = fields.BigIntField(default=0)
    book_id = fields.IntField(default=0, db_default=0)

    class Meta:
        """Table name."""

        table = "account"


class PostingRow(Model):
    """One movement of money, source → target, amount > 0, immutable.

    Postings that belong together share a journal entry: an entry's id is a multiple of
    `LEGS_MAX` (8) and its postings have the ids entry, entry + 1 … `corrects_id` names the entry
    this one corrects (0: none).
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.CharField(max_length=12)
    source_id = fields.BigIntField()
    target_id = fields.BigIntField()
    amount_fen = fields.BigIntField()
    corrects_id = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "posting"


class CreditRow(Model):
    """Money that one person of the office brought into a purse, once per `request_key`.

    The id is that of its journal entry. Append-only, written with its posting by `ledger.py`.
    `drawer_id` is the drawer that cash was put into, 0 for none.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    request_key = fields.CharField(max_length=64, unique=True)
    holder_id = fields.BigIntField(db_index=True)
    purse = fields.CharField(max_length=16)
    amount_fen = fields.BigIntField()
    source_id = fields.BigIntField()
    reason = fields.CharField(max_length=200)
    made_by = fields.CharField(max_length=64)
    posted_at = fields.BigIntField()
    drawer_id = fields.BigIntField(default=0, db_default=0)

    class Meta:
        """Table name."""

        table = "credit"


class LaneRow(Model):
    """One process's own line of journal entries: ids are (lane << 32) + n, chained by links.

    `opening_hash` covers the heads of all lanes that stood when this one was opened (named in
    `opening_heads` as link ids), so that a lane or its end cannot be taken away without a trace.
    """

    id = fields.IntField(primary_key=True)
    opened_at = fields.BigIntField()
    opened_by = fields.CharField(max_length=64)
    opening_heads = fields.TextField()
    opening_hash = fields.CharField(max_length=64)

    class Meta:
        """Table name."""

        table = "lane"


class LinkRow(Model):
    """One committed set: the rows with after_id < id <= last_id. Append-only.

    `hash` is SHA-256 over the hash before it and the text of every row, see `ledger.link_hash`.
    """

    id = fields.BigIntField(primary_key=True, generated=False)
    lane_id = fields.IntField()
    after_id = fields.BigIntField()
    last_id = fields.BigIntField()
    hash = fields.CharField(max_length=64)
    posted_at = fields.BigIntField()

    class Meta:
        """Table name; the id is (lane << 32) + number."""

        table = "link"


class RollupRow(Model):
    """An account's balance over all postings up to each lane's mark."""

    account_id = fields.BigIntField(primary_key=True, generated=False)
    balance_fen = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "rollup"


class RollupMarkRow(Model):
    """How far the roll-up has read in one lane (posting ids ≤ `through_id` are in it)."""

    lane_id = fields.IntField(primary_key=True, generated=False)
    through_id = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "rollup_mark"
