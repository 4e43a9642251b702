"""Tokens of the school's own programs, which read and never write."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ApiTokenRow(Model):
    """A program that reads. Only the token's hash is kept; `verbs` are what it may, as JSON.

    Times are Unix seconds; `ended_at` 0: not ended, `used_at` 0: never, else to the minute.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=64)
    token_hash = fields.CharField(max_length=64, unique=True)
    verbs = fields.TextField()
    place_id = fields.IntField(default=0)
    made_by = fields.CharField(max_length=64)
    made_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    ended_at = fields.BigIntField(default=0)
    used_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "api_token"
