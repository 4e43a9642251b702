"""WeChat accounts that logged in."""

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
