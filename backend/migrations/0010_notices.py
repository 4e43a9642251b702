"""More messages and more ways to send them: consent by account, addresses, what was told, marks."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

KEEP_CONSENT = (
    "INSERT INTO consent (wechat_id, template, messages_left, is_long_term, agreed_at, refused_at)"
    " SELECT wechat_id, template, COUNT(*), 0, MIN(accepted_at), 0 FROM acceptance"
    " GROUP BY wechat_id, template"
)
NAME_HOLDERS = (
    "UPDATE outbox SET holder_id = COALESCE((SELECT MAX(card.holder_id) FROM phone"
    " JOIN card ON card.id = phone.card_id WHERE phone.wechat_id = outbox.wechat_id), 0)"
)
BEGIN_MARKS = (
    "INSERT INTO message_mark (name, value)"
    " SELECT CONCAT('lane:', lane_id), MAX(last_id) FROM link GROUP BY lane_id"
)
ADDRESS_OF_ONE = "({row}holder_id = 0) <> ({row}guardian_id = 0)"


async def carry_over(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Keep what was agreed to; what stands in the books by now is not told any more."""
    is_mysql = editor.client.capabilities.dialect == "mysql"
    begin_marks = (
        BEGIN_MARKS
        if is_mysql
        else BEGIN_MARKS.replace("CONCAT('lane:', lane_id)", "'lane:' || lane_id")
    )
    for statement in (KEEP_CONSENT, NAME_HOLDERS, begin_marks):
        await editor.client.execute_query(statement)
    if is_mysql:
        rule = ADDRESS_OF_ONE.format(row="")
        await editor.client.execute_query(
            f"ALTER TABLE address ADD CONSTRAINT address_of_one CHECK ({rule})"
        )
        return
    for verb in ("INSERT", "UPDATE"):
        rule = ADDRESS_OF_ONE.format(row="NEW.")
        await editor.client.execute_query(
            f"CREATE TRIGGER address_of_one_{verb.lower()} BEFORE {verb} ON address"
            f" WHEN NOT ({rule}) BEGIN SELECT RAISE(ABORT, 'address_of_one'); END"
        )


def _key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


class Migration(migrations.Migration):
    """Five tables, four columns; the acceptances become counts."""

    dependencies = [("backend", "0009_leavings")]
    initial = False
    operations = [
        ops.CreateModel(
            name="ConsentRow",
            fields=[
                ("id", _key()),
                ("wechat_id", fields.BigIntField()),
                ("template", fields.CharField(max_length=12)),
                ("messages_left", fields.IntField(default=0)),
                ("is_long_term", fields.BooleanField(default=False)),
                ("agreed_at", fields.BigIntField(default=0)),
                ("refused_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "consent",
                "app": "backend",
                "unique_together": (("wechat_id", "template"),),
                "pk_attr": "id",
                "table_description": "How many messages of one kind a WeChat account agreed to and did not get yet.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AddressRow",
            fields=[
                ("id", _key()),
                ("holder_id", fields.BigIntField(default=0)),
                ("guardian_id", fields.BigIntField(default=0)),
                ("channel", fields.CharField(max_length=8)),
                ("sealed", fields.CharField(max_length=512)),
                ("shown", fields.CharField(max_length=64)),
                ("language", fields.CharField(max_length=2)),
                ("code_hash", fields.CharField(default="", max_length=64)),
                ("code_until", fields.BigIntField(default=0)),
                ("code_tries", fields.SmallIntField(default=0)),
                ("made_at", fields.BigIntField()),
                ("agreed_at", fields.BigIntField(default=0)),
                ("failed_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "address",
                "app": "backend",
                "unique_together": (("holder_id", "guardian_id", "channel"),),
                "indexes": [Index(fields=["guardian_id"])],
                "pk_attr": "id",
                "table_description": "Where a holder, or a guardian, wants letters: one number for SMS, one address for e-mail.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ToldRow",
            fields=[
                (
                    "topic",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("told_at", fields.BigIntField()),
            ],
            options={
                "table": "told",
                "app": "backend",
                "pk_attr": "topic",
                "table_description": "Something that is told once for ever, however long the messages about it are gone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LowBalanceRow",
            fields=[
                ("holder_id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("balance_fen", fields.BigIntField()),
                ("told_at", fields.BigIntField()),
            ],
            options={
                "table": "low_balance",
                "app": "backend",
                "pk_attr": "holder_id",
                "table_description": "The low balance a holder was told of, not told again until it rises above that.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MessageMarkRow",
            fields=[
                (
                    "name",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("value", fields.BigIntField()),
            ],
            options={
                "table": "message_mark",
                "app": "backend",
                "pk_attr": "name",
                "table_description": "How far somebody has looked for what is to be told: `lane:<id>`, `low`, `decisions`.",
            },
            bases=["Model"],
        ),
        ops.AddField("OutboxRow", "holder_id", fields.BigIntField(default=0, db_default=0)),
        ops.AddField("OutboxRow", "guardian_id", fields.BigIntField(default=0, db_default=0)),
        ops.AddField(
            "OutboxRow",
            "channel",
            fields.CharField(max_length=8, default="wechat", db_default="wechat"),
        ),
        ops.AddField(
            "OutboxRow", "fault", fields.CharField(max_length=64, default="", db_default="")
        ),
        ops.RunPython(carry_over),
        ops.DeleteModel("AcceptanceRow"),
    ]
