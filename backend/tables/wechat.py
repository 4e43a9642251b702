"""WeChat accounts, the messages their owners agreed to get, and the messages on their way."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class WechatRow(Model):
    """A WeChat account that logged in. Looked up by the hash of its openid.

    The hash, because MariaDB would compare openids without case. `sealed_openid` is the openid
    under the server's sealing key: messages are addressed with it.
    """

    id = fields.BigIntField(primary_key=True)
    openid_hash = fields.CharField(max_length=64, unique=True)
    sealed_openid = fields.CharField(max_length=256)
    first_seen_at = fields.DatetimeField()

    class Meta:
        """Table name."""

        table = "wechat"


class AcceptanceRow(Model):
    """One message of one kind that a holder agreed to get, used up by one message.

    `template` is a `domain.message.Template`. What was paid before `accepted_at` (Unix seconds) is
    not told any more.
    """

    id = fields.BigIntField(primary_key=True)
    card_id = fields.BigIntField(db_index=True)
    wechat_id = fields.BigIntField()
    template = fields.CharField(max_length=12)
    accepted_at = fields.BigIntField()

    class Meta:
        """Table name."""

        table = "acceptance"


class OutboxRow(Model):
    """A message to be sent, written in the transaction of what it tells about.

    `topic` says what it is about (`payment:<id>`, `freeze:<card id>:<second>`) and is told once to
    an account. `state` is a `domain.message.Delivery`. Times are Unix seconds.
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

    class Meta:
        """Table name; what waits is found by state and due time."""

        table = "outbox"
        unique_together = (("topic", "wechat_id"),)
        indexes = (("state", "due_at"),)
