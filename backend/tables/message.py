"""Messages on their way, who agreed to get them and by which way, and what was told already."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ConsentRow(Model):
    """How many messages of one kind a WeChat account agreed to and did not get yet.

    See `domain.message.Stock`. Locked by whoever uses one up.
    """

    id = fields.BigIntField(primary_key=True)
    wechat_id = fields.BigIntField()
    template = fields.CharField(max_length=12)
    messages_left = fields.IntField(default=0)
    is_long_term = fields.BooleanField(default=False)
    agreed_at = fields.BigIntField(default=0)
    refused_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "consent"
        unique_together = (("wechat_id", "template"),)


class AddressRow(Model):
    """Where a holder, or a guardian, wants letters: one number for SMS, one address for e-mail.

    `holder_id` or `guardian_id`, the other is 0. The address is sealed, `shown` is what a page may
    show of it. Nothing but the code is sent before `agreed_at` (Unix seconds, 0: the code has not
    come back yet), nothing after `failed_at`: there is no such address.
    """

    id = fields.BigIntField(primary_key=True)
    holder_id = fields.BigIntField(default=0)
    guardian_id = fields.BigIntField(default=0)
    channel = fields.CharField(max_length=8)
    sealed = fields.CharField(max_length=512)
    shown = fields.CharField(max_length=64)
    language = fields.CharField(max_length=2)
    code_hash = fields.CharField(max_length=64, default="")
    code_until = fields.BigIntField(default=0)
    code_tries = fields.SmallIntField(default=0)
    made_at = fields.BigIntField()
    agreed_at = fields.BigIntField(default=0)
    failed_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "address"
        unique_together = (("holder_id", "guardian_id", "channel"),)
        indexes = (("guardian_id",),)


class OutboxRow(Model):
    """A message to be sent, written in the transaction of what it tells about or after it.

    `topic` says what it is about (`payment:<id>`, `freeze:<denylist version>`) and is told once to
    a person: to a WeChat account, or (0) to the holder without one. `guardian_id` is 0 for the
    holder himself. `channel` is the way it goes now, a `domain.message.Channel`; `state` a
    `Delivery`, `fault` why the last try failed. Times are Unix seconds.
    """

    id = fields.BigIntField(primary_key=True)
    topic = fields.CharField(max_length=64)
    wechat_id = fields.BigIntField()
    template = fields.CharField(max_length=12)
    body = fields.JSONField[dict[str, str]]()
    state = fields.CharField(max_length=12, default="waiting")
    tries = fields.SmallIntField(default=0)
    made_at = fields.BigIntField()
    due_at = fields.BigIntField()
    done_at = fields.BigIntField(default=0)
    holder_id = fields.BigIntField(default=0, db_default=0)
    guardian_id = fields.BigIntField(default=0, db_default=0)
    channel = fields.CharField(max_length=8, default="wechat", db_default="wechat")
    fault = fields.CharField(max_length=64, default="", db_default="")

    class Meta:
        """Table name; what waits is found by state and due time."""

        table = "outbox"
        unique_together = (("topic", "wechat_id"),)
        indexes = (("state", "due_at"),)


class ToldRow(Model):
    """Something that is told once for ever, however long the messages about it are gone."""

    topic = fields.CharField(primary_key=True, max_length=64)
    told_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "told"


class LowBalanceRow(Model):
    """The low balance a holder was told of, not told again until it rises above that."""

    holder_id = fields.BigIntField(primary_key=True, generated=False)
    balance_fen = fields.BigIntField()
    told_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "low_balance"


class MessageMarkRow(Model):
    """How far somebody has looked for what is to be told: `lane:<id>`, `chips:<id>`, `low`,
    `decisions`.
    """

    name = fields.CharField(primary_key=True, max_length=32)
    value = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "message_mark"
