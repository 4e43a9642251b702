"""WeChat accounts, guardians and messages, a phone's account, and who is of age."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("backend", "0003_school_accounts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AcceptanceRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("card_id", fields.BigIntField(db_index=True)),
                ("wechat_id", fields.BigIntField()),
                ("template", fields.CharField(max_length=12)),
                ("accepted_at", fields.BigIntField()),
            ],
            options={
                "table": "acceptance",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "One message of one kind that a holder agreed to get, used up by one message.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ContactRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("holder_id", fields.BigIntField()),
                ("kind", fields.CharField(max_length=8)),
                ("phone_hash", fields.CharField(db_index=True, max_length=64)),
                ("tail", fields.CharField(max_length=4)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "contact",
                "app": "backend",
                "unique_together": (("holder_id", "kind", "phone_hash"),),
                "pk_attr": "id",
                "table_description": "A phone number the school has for a cardholder: a keyed hash and its last four digits.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GuardianCodeRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("code_hash", fields.CharField(unique=True, max_length=64)),
                ("made_by", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "guardian_code",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A one-time code that makes its bearer a guardian of a cardholder, only its hash is kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GuardianRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("wechat_id", fields.BigIntField(unique=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "guardian",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A person who looks after cardholders, known by a WeChat account and nothing else.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GuardianshipRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("guardian_id", fields.BigIntField()),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("name", fields.CharField(max_length=32)),
                ("sees", fields.CharField(default="", max_length=8)),
                ("bound_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "guardianship",
                "app": "backend",
                "unique_together": (("guardian_id", "holder_id"),),
                "pk_attr": "id",
                "table_description": "One guardian of one cardholder. `name` is what the guardian is called: 妈妈, 王阿姨.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OutboxRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("topic", fields.CharField(max_length=64)),
                ("wechat_id", fields.BigIntField()),
                ("template", fields.CharField(max_length=12)),
                ("body", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("state", fields.CharField(default="waiting", max_length=12)),
                ("tries", fields.SmallIntField(default=0)),
                ("made_at", fields.BigIntField()),
                ("due_at", fields.BigIntField()),
                ("done_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "outbox",
                "app": "backend",
                "unique_together": (("topic", "wechat_id"),),
                "indexes": [Index(fields=["state", "due_at"])],
                "pk_attr": "id",
                "table_description": "A message to be sent, written in the transaction of what it tells about.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WechatRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("openid_hash", fields.CharField(unique=True, max_length=64)),
                ("sealed_openid", fields.CharField(max_length=256)),
                ("first_seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "wechat",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A WeChat account that logged in. Looked up by the hash of its openid.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="CardholderRow",
            name="is_adult",
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AlterModelOptions(
            name="PhoneRow",
            options={
                "table": "phone",
                "app": "backend",
                "indexes": [Index(fields=["wechat_id"])],
                "pk_attr": "id",
                "table_description": "A phone that was bound to a card under one issue, `wechat_id` is its login's account.",
            },
        ),
        ops.AddField(
            model_name="PhoneRow",
            name="wechat_id",
            field=fields.BigIntField(null=True),
        ),
        ops.AddIndex(
            model_name="PhoneRow",
            index=Index(fields=["wechat_id"]),
        ),
    ]
