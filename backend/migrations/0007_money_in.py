"""Top-ups, lots, refunds, bills and drawers: money that comes in, and goes back."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("backend", "0006_credits")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BillDayRow",
            fields=[
                ("id", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("payments", fields.IntField()),
                ("refunds", fields.IntField()),
                ("proven_fen", fields.BigIntField()),
                ("fee_fen", fields.BigIntField()),
                ("differences", fields.IntField()),
                ("entry_id", fields.BigIntField(default=0)),
                ("reconciled_at", fields.BigIntField()),
                ("reconciled_by", fields.CharField(max_length=64)),
            ],
            options={
                "table": "bill_day",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "One Beijing day whose bill was held against orders and ledger (id: YYYYMMDD).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BillRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=12)),
                ("day_on", fields.IntField()),
                ("text_hash", fields.CharField(max_length=64)),
                ("line_count", fields.IntField()),
                ("body", fields.BinaryField()),
                ("fetched_at", fields.BigIntField()),
                ("fetched_by", fields.CharField(max_length=64)),
            ],
            options={
                "table": "bill",
                "app": "backend",
                "unique_together": (("kind", "day_on"),),
                "pk_attr": "id",
                "table_description": "One bill as it came, `body` is its gzipped text. `kind` is a `domain.wechat_pay.BillKind`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CashOutRequestRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("amount_fen", fields.BigIntField()),
                ("reason", fields.CharField(max_length=200)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("decided_by", fields.CharField(default="", max_length=64)),
                ("decided_at", fields.BigIntField(default=0)),
                ("decision", fields.CharField(default="", max_length=8)),
            ],
            options={
                "table": "cash_out_request",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "Cash that one person wants to pay out and another has to approve.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CashOutRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("drawer_id", fields.BigIntField(db_index=True)),
                ("amount_fen", fields.BigIntField()),
                ("reason", fields.CharField(max_length=200)),
                ("made_by", fields.CharField(max_length=64)),
                ("approved_by", fields.CharField(max_length=64)),
                ("posted_at", fields.BigIntField()),
            ],
            options={
                "table": "cash_out",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "Cash paid out of a drawer to a holder, by one person and approved by another. Append-only.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DifferenceRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("day_on", fields.IntField(db_index=True)),
                ("subject", fields.CharField(max_length=8)),
                ("cause", fields.CharField(max_length=20)),
                ("reference", fields.CharField(max_length=64)),
                ("proposal", fields.CharField(max_length=12)),
                ("bill_fen", fields.BigIntField(null=True)),
                ("ours_fen", fields.BigIntField(null=True)),
                ("ledger_fen", fields.BigIntField(null=True)),
                ("transaction_id", fields.CharField(default="", max_length=32)),
                ("found_at", fields.BigIntField()),
                ("state", fields.CharField(default="open", max_length=8)),
                ("asked_by", fields.CharField(default="", max_length=64)),
                ("asked_at", fields.BigIntField(default=0)),
                ("decided_by", fields.CharField(default="", max_length=64)),
                ("decided_at", fields.BigIntField(default=0)),
                ("note", fields.CharField(default="", max_length=200)),
                ("entry_id", fields.BigIntField(default=0)),
            ],
            options={
                "table": "difference",
                "app": "backend",
                "unique_together": (("day_on", "subject", "reference", "cause"),),
                "pk_attr": "id",
                "table_description": "One number on which bill, orders and ledger differ, see `domain.reconciliation`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DrawerRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("staff_id", fields.BigIntField(db_index=True)),
                ("open_by", fields.BigIntField(null=True, unique=True)),
                ("opened_at", fields.BigIntField()),
                ("opened_fen", fields.BigIntField()),
                ("closed_at", fields.BigIntField(default=0)),
                ("counted_fen", fields.BigIntField(default=0)),
                ("expected_fen", fields.BigIntField(default=0)),
                ("note", fields.CharField(default="", max_length=200)),
                ("approved_by", fields.CharField(default="", max_length=64)),
                ("approved_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "drawer",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "One person's shift with one drawer. `open_by` is the staff id while it is open, then null.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InvitationRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("made_by", fields.CharField(max_length=64)),
                ("amount_fen_max", fields.BigIntField()),
                ("made_at", fields.BigIntField()),
                ("expires_at", fields.BigIntField()),
                ("top_up_id", fields.BigIntField(default=0)),
                ("ended_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "invitation",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "An address with which a relative may pay once, without an account of ours.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LotReturnRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("lot_id", fields.BigIntField(db_index=True)),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("reference", fields.CharField(max_length=64)),
                ("undoes_id", fields.BigIntField()),
                ("amount_fen", fields.BigIntField()),
                ("posted_at", fields.BigIntField()),
            ],
            options={
                "table": "lot_return",
                "app": "backend",
                "unique_together": (("reference", "lot_id", "undoes_id"),),
                "pk_attr": "id",
                "table_description": "A part of a lot that went back to where it came from, or (`undoes_id`) did not after all.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LotRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("origin", fields.CharField(max_length=8)),
                ("reference", fields.CharField(unique=True, max_length=64)),
                ("transaction_id", fields.CharField(null=True, unique=True, max_length=32)),
                ("amount_fen", fields.BigIntField()),
                ("paid_at", fields.BigIntField()),
                ("posted_at", fields.BigIntField()),
            ],
            options={
                "table": "lot",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "Money that came into a holder's cash purse in one piece. Append-only, under the chain.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProofRow",
            fields=[
                ("proves_id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("entry_id", fields.BigIntField(db_index=True)),
                ("day_on", fields.IntField()),
                ("amount_fen", fields.BigIntField()),
            ],
            options={
                "table": "proof",
                "app": "backend",
                "pk_attr": "proves_id",
                "table_description": "A bill's line that proves one entry on the way to or from WeChat Pay. Append-only.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RefundRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("out_refund_no", fields.CharField(unique=True, max_length=32)),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("top_up_id", fields.BigIntField(db_index=True)),
                ("lot_id", fields.BigIntField()),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("amount_fen", fields.BigIntField()),
                ("reason", fields.CharField(max_length=80)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("decided_by", fields.CharField(default="", max_length=64)),
                ("decided_at", fields.BigIntField(default=0)),
                ("state", fields.CharField(default="asked", max_length=12)),
                ("fault", fields.CharField(default="", max_length=64)),
                ("entry_id", fields.BigIntField(default=0)),
                ("undone_id", fields.BigIntField(default=0)),
                ("refund_id", fields.CharField(default="", max_length=32)),
                ("accepted_at", fields.BigIntField(default=0)),
                ("ended_at", fields.BigIntField(default=0)),
                ("due_at", fields.BigIntField(default=0)),
                ("tries", fields.SmallIntField(default=0)),
            ],
            options={
                "table": "refund",
                "app": "backend",
                "indexes": [Index(fields=["due_at"])],
                "pk_attr": "id",
                "table_description": "A refund of a top-up to its payer: asked for by one, decided by another, done by WeChat Pay.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TopUpRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("out_trade_no", fields.CharField(unique=True, max_length=32)),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("payer", fields.CharField(max_length=64)),
                ("wechat_id", fields.BigIntField()),
                ("app_id", fields.CharField(max_length=32)),
                ("mchid", fields.CharField(max_length=16)),
                ("amount_fen", fields.BigIntField()),
                ("state", fields.CharField(default="started", max_length=8)),
                ("held_because", fields.CharField(default="", max_length=64)),
                ("transaction_id", fields.CharField(null=True, unique=True, max_length=32)),
                ("entry_id", fields.BigIntField(default=0)),
                ("proven_by", fields.CharField(default="", max_length=8)),
                ("started_at", fields.BigIntField()),
                ("expires_at", fields.BigIntField()),
                ("paid_at", fields.BigIntField(default=0)),
                ("credited_at", fields.BigIntField(default=0)),
                ("due_at", fields.BigIntField(default=0)),
                ("tries", fields.SmallIntField(default=0)),
            ],
            options={
                "table": "top_up",
                "app": "backend",
                "indexes": [Index(fields=["due_at"])],
                "pk_attr": "id",
                "table_description": "An order at WeChat Pay, see `domain.top_up`. `payer` is who ordered: `guardian:3`.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="CreditRow",
            name="drawer_id",
            field=fields.BigIntField(default=0, db_default=0),
        ),
    ]
