"""A holder may contest a payment: who did, in what words, and who decided.

`db_default`, because the ledger opens disputes of its own without naming these columns.
"""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

NAME_LENGTH = 64
NOTE_LENGTH = 200


def _text(length: int) -> fields.CharField[str]:
    return fields.CharField(max_length=length, default="", db_default="")


class Migration(migrations.Migration):
    """Four columns of `dispute`."""

    dependencies = [("backend", "0004_guardians")]
    initial = False
    operations = [
        ops.AddField("DisputeRow", "made_by", _text(NAME_LENGTH)),
        ops.AddField("DisputeRow", "note", _text(NOTE_LENGTH)),
        ops.AddField("DisputeRow", "decided_by", _text(NAME_LENGTH)),
        ops.AddField("DisputeRow", "decision_note", _text(NOTE_LENGTH)),
    ]
