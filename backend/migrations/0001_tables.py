from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="AccountRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("code", fields.CharField(unique=True, max_length=48)),
                ("kind", fields.CharField(max_length=8)),
                ("holder_id", fields.BigIntField(null=True, db_index=True)),
                ("purse", fields.CharField(default="", max_length=16)),
                ("balance_fen", fields.BigIntField(default=0)),
                ("floor_fen", fields.BigIntField(default=0)),
            ],
            options={
                "table": "account",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A ledger account. Only purses keep `balance_fen`, all others are roll-up + tail.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=64)),
                ("verb", fields.CharField(max_length=48)),
                ("subject", fields.CharField(db_index=True, max_length=64)),
                ("detail", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "audit",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "One thing somebody did or looked at. Append-only (a trigger refuses change).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BindingRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("card_id", fields.BigIntField(db_index=True)),
                ("code_hash", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "binding",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A one-time binding code the office handed out, only its hash is kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CardRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("number", fields.CharField(unique=True, max_length=8)),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("state", fields.SmallIntField(default=0)),
                ("are_doors_frozen", fields.BooleanField(default=False)),
                ("issue", fields.SmallIntField(default=0)),
                ("issue_raised_at", fields.BigIntField(default=0)),
                ("offline_limit_fen", fields.BigIntField(default=0)),
                ("changed_version", fields.BigIntField(default=0, db_index=True)),
                ("frozen_at", fields.BigIntField(default=0)),
                ("frozen_by", fields.CharField(default="", max_length=64)),
                ("replaces_id", fields.BigIntField(null=True)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "card",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A cardholder's card: `number` is 7 digits + Damm, `state` a `campus_code.CardState`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CardholderRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("number", fields.CharField(unique=True, max_length=32)),
                ("name", fields.CharField(max_length=64)),
                ("department", fields.CharField(default="", max_length=96)),
                ("class_id", fields.SmallIntField()),
                ("is_active", fields.BooleanField(default=True)),
                ("pin_hash", fields.CharField(null=True, max_length=160)),
                ("pin_failures", fields.SmallIntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "cardholder",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A person with a card. `number` is the school's own (student or staff) number.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CorrectionRequestRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("payment_id", fields.BigIntField(db_index=True)),
                ("kind", fields.CharField(max_length=8)),
                ("amount_fen", fields.BigIntField()),
                ("reason", fields.CharField(max_length=200)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("decided_by", fields.CharField(default="", max_length=64)),
                ("decided_at", fields.BigIntField(default=0)),
                ("decision", fields.CharField(default="", max_length=8)),
            ],
            options={
                "table": "correction_request",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A refund or void that one person asked for and another has to approve.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CorrectionRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("payment_id", fields.BigIntField(db_index=True)),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("kind", fields.CharField(max_length=8)),
                ("amount_fen", fields.BigIntField()),
                ("made_by", fields.CharField(max_length=64)),
                ("approved_by", fields.CharField(max_length=64)),
                ("reason", fields.CharField(max_length=200)),
                ("posted_at", fields.BigIntField()),
            ],
            options={
                "table": "correction",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A refund or void of a payment, with the two people who stand for it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CounterRow",
            fields=[
                (
                    "name",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("value", fields.BigIntField(default=0)),
            ],
            options={
                "table": "counter",
                "app": "backend",
                "pk_attr": "name",
                "table_description": "A named version counter, raised only by offices' actions (never by a payment).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DenialRow",
            fields=[
                (
                    "version",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("card_number", fields.CharField(db_index=True, max_length=8)),
                ("issue", fields.SmallIntField(null=True)),
                ("state", fields.SmallIntField()),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("made_by", fields.CharField(max_length=64)),
            ],
            options={
                "table": "denial",
                "app": "backend",
                "pk_attr": "version",
                "table_description": "One line of the denylist. Its id is its version: append-only, a lift is a new line.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DisputeRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("first_payment_id", fields.BigIntField()),
                ("card_id", fields.BigIntField(db_index=True)),
                ("reason", fields.CharField(max_length=32)),
                ("opened_at", fields.BigIntField()),
                ("decided_at", fields.BigIntField(default=0)),
                ("decision", fields.CharField(default="", max_length=16)),
            ],
            options={
                "table": "dispute",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A contested payment, e.g. one code used at two terminals that could not hear each other.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EnrolmentRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("name", fields.CharField(max_length=64)),
                ("merchant_id", fields.IntField()),
                ("group_id", fields.CharField(max_length=16)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("terminal_id", fields.IntField(null=True)),
            ],
            options={
                "table": "enrolment",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A one-time token with which a device enrols itself, only the hash is kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EpochKeyRow",
            fields=[
                ("epoch", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("valid_from", fields.BigIntField()),
                ("valid_until", fields.BigIntField()),
                ("terminal_master", fields.CharField(max_length=160)),
                ("issuer_master", fields.CharField(max_length=160)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("retired_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "epoch_key",
                "app": "backend",
                "pk_attr": "epoch",
                "table_description": "The two masters of one key epoch, sealed under the server's sealing key.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LaneRow",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("opened_at", fields.BigIntField()),
                ("opened_by", fields.CharField(max_length=64)),
                ("opening_heads", fields.TextField(unique=False)),
                ("opening_hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "lane",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "One process's own line of journal entries: ids are (lane << 32) + n, chained by links.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LeaseRow",
            fields=[
                (
                    "name",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("owner", fields.CharField(max_length=64)),
                ("until", fields.BigIntField()),
            ],
            options={
                "table": "lease",
                "app": "backend",
                "pk_attr": "name",
                "table_description": "Who may do a thing that only one process may do at a time, it ends by itself.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LinkRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("lane_id", fields.IntField()),
                ("after_id", fields.BigIntField()),
                ("last_id", fields.BigIntField()),
                ("hash", fields.CharField(max_length=64)),
                ("posted_at", fields.BigIntField()),
            ],
            options={
                "table": "link",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "One committed set: the rows with after_id < id <= last_id. Append-only.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MerchantRow",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("name", fields.CharField(unique=True, max_length=64)),
                ("is_active", fields.BooleanField(default=True)),
            ],
            options={
                "table": "merchant",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A canteen window, shop or library, its payable is `accounts.merchant_account(id)`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PaymentRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("terminal_id", fields.IntField()),
                ("sequence", fields.BigIntField()),
                ("merchant_id", fields.IntField()),
                ("card_id", fields.BigIntField()),
                ("holder_id", fields.BigIntField(db_index=True)),
                ("code_key", fields.BigIntField(null=True, unique=True)),
                ("credential", fields.CharField(max_length=9)),
                ("class_id", fields.SmallIntField()),
                ("period_id", fields.CharField(max_length=16)),
                ("business_on", fields.IntField()),
                ("nominal_fen", fields.BigIntField()),
                ("discount_fen", fields.BigIntField()),
                ("fee_fen", fields.BigIntField()),
                ("charged_fen", fields.BigIntField()),
                ("borne_fen", fields.BigIntField()),
                ("was_offline", fields.BooleanField()),
                ("outcome", fields.CharField(max_length=8)),
                ("reason", fields.CharField(max_length=32)),
                ("occurred_at", fields.BigIntField()),
                ("posted_at", fields.BigIntField()),
            ],
            options={
                "table": "payment",
                "app": "backend",
                "unique_together": (("terminal_id", "sequence"),),
                "pk_attr": "id",
                "table_description": "A cardholder paid a merchant. Its id is the id of its journal entry.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PeriodTotalRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("merchant_id", fields.IntField()),
                ("business_on", fields.IntField()),
                ("period_id", fields.CharField(max_length=16)),
                ("payments", fields.IntField(default=0)),
                ("offline_payments", fields.IntField(default=0)),
                ("nominal_fen", fields.BigIntField(default=0)),
                ("discount_fen", fields.BigIntField(default=0)),
                ("fee_fen", fields.BigIntField(default=0)),
                ("charged_fen", fields.BigIntField(default=0)),
                ("payable_fen", fields.BigIntField(default=0)),
                ("corrected_fen", fields.BigIntField(default=0)),
            ],
            options={
                "table": "period_total",
                "app": "backend",
                "unique_together": (("merchant_id", "business_on", "period_id"),),
                "pk_attr": "id",
                "table_description": "Totals of one merchant, business day and period, kept by the roll-up.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PhoneRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("card_id", fields.BigIntField(db_index=True)),
                ("issue", fields.SmallIntField()),
                ("bound_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("unbound_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "phone",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A phone that was bound to a card under one issue.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PostingRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=12)),
                ("source_id", fields.BigIntField()),
                ("target_id", fields.BigIntField()),
                ("amount_fen", fields.BigIntField()),
                ("corrects_id", fields.BigIntField()),
            ],
            options={
                "table": "posting",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "One movement of money, source → target, amount > 0, immutable.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QuarantineRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("terminal_id", fields.IntField()),
                ("sequence", fields.BigIntField()),
                ("reason", fields.CharField(max_length=32)),
                ("body", fields.TextField(unique=False)),
                ("body_hash", fields.CharField(max_length=64)),
                ("received_at", fields.BigIntField()),
                ("resolved_at", fields.BigIntField(default=0)),
            ],
            options={
                "table": "quarantine",
                "app": "backend",
                "unique_together": (("terminal_id", "sequence", "body_hash"),),
                "pk_attr": "id",
                "table_description": "What a terminal sent that cannot be posted: kept whole, shown to a human, never lost.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RefusalCountRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("terminal_id", fields.IntField()),
                ("business_on", fields.IntField()),
                ("reason", fields.CharField(max_length=32)),
                ("count", fields.IntField()),
            ],
            options={
                "table": "refusal_count",
                "app": "backend",
                "unique_together": (("terminal_id", "business_on", "reason"),),
                "pk_attr": "id",
                "table_description": "How often a terminal refused, by business day and reason, as the terminal itself counts.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReversalRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("terminal_id", fields.IntField()),
                ("reverses", fields.BigIntField()),
                ("sequence", fields.BigIntField()),
                ("payment_id", fields.BigIntField()),
                ("posted_at", fields.BigIntField()),
            ],
            options={
                "table": "reversal",
                "app": "backend",
                "unique_together": (("terminal_id", "reverses"),),
                "pk_attr": "id",
                "table_description": "Undo of an attempt whose outcome the terminal did not learn, a tombstone if none came.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RollupMarkRow",
            fields=[
                ("lane_id", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("through_id", fields.BigIntField()),
            ],
            options={
                "table": "rollup_mark",
                "app": "backend",
                "pk_attr": "lane_id",
                "table_description": "How far the roll-up has read in one lane (posting ids ≤ `through_id` are in it).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RollupRow",
            fields=[
                ("account_id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("balance_fen", fields.BigIntField(default=0)),
            ],
            options={
                "table": "rollup",
                "app": "backend",
                "pk_attr": "account_id",
                "table_description": "An account's balance over all postings up to each lane's mark.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RulesRow",
            fields=[
                ("version", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("body", fields.TextField(unique=False)),
                ("published_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("published_by", fields.CharField(max_length=64)),
            ],
            options={
                "table": "rules",
                "app": "backend",
                "pk_attr": "version",
                "table_description": "A published rules bundle: canonical JSON text, never changed after publication.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SessionRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("audience", fields.CharField(max_length=16)),
                ("subject_id", fields.BigIntField(db_index=True)),
                ("phone_id", fields.BigIntField(null=True)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "session",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A person's session. `audience` is student or staff, `subject_id` the card or staff row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SettlementRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("merchant_id", fields.IntField()),
                ("business_on", fields.IntField()),
                ("payments", fields.IntField()),
                ("offline_payments", fields.IntField()),
                ("late_payments", fields.IntField()),
                ("gross_fen", fields.BigIntField()),
                ("refunded_fen", fields.BigIntField()),
                ("net_fen", fields.BigIntField()),
                ("settled_at", fields.BigIntField()),
            ],
            options={
                "table": "settlement",
                "app": "backend",
                "unique_together": (("merchant_id", "business_on"),),
                "pk_attr": "id",
                "table_description": "One merchant's settlement of one business day (YYYYMMDD): gross − refunds − fees = net.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("login", fields.CharField(unique=True, max_length=32)),
                ("name", fields.CharField(max_length=64)),
                ("role", fields.CharField(max_length=16)),
                ("merchant_id", fields.IntField(null=True)),
                ("password_hash", fields.CharField(max_length=160)),
                ("totp_secret", fields.CharField(max_length=160)),
                ("is_enrolled", fields.BooleanField(default=False)),
                ("is_active", fields.BooleanField(default=True)),
                ("failures", fields.SmallIntField(default=0)),
                ("locked_until", fields.BigIntField(default=0)),
                ("last_totp_step", fields.BigIntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "staff",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A person who works in an office. `role` is one of `domain.access.Role`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SuspenseRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("account_id", fields.BigIntField(db_index=True)),
                ("holder_id", fields.BigIntField()),
                ("amount_fen", fields.BigIntField()),
                ("reason", fields.CharField(max_length=32)),
                ("opened_at", fields.BigIntField()),
                ("settled_by_id", fields.BigIntField(default=0)),
            ],
            options={
                "table": "suspense",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "One item that keeps a clearing or risk account from zero: why, how much, whose.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TallyRow",
            fields=[
                ("holder_id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("business_on", fields.IntField(default=0)),
                ("period_id", fields.CharField(default="", max_length=16)),
                ("day_fen", fields.BigIntField(default=0)),
                ("meal_fen", fields.BigIntField(default=0)),
                ("meal_count", fields.IntField(default=0)),
                ("last_at", fields.BigIntField(default=0)),
                ("last_terminal_id", fields.IntField(default=0)),
            ],
            options={
                "table": "tally",
                "app": "backend",
                "pk_attr": "holder_id",
                "table_description": "What one cardholder has spent in the latest business day and period: limits read this.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TerminalRow",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("name", fields.CharField(max_length=64)),
                ("merchant_id", fields.IntField(db_index=True)),
                ("group_id", fields.CharField(max_length=16)),
                ("signing_key", fields.CharField(unique=True, max_length=64)),
                ("sealing_key", fields.CharField(max_length=64)),
                ("enrolled_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("journal_sequence", fields.BigIntField(default=0)),
                (
                    "journal_hash",
                    fields.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=64,
                    ),
                ),
                ("seen_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("clock_skew_seconds", fields.IntField(default=0)),
                ("journal_depth", fields.IntField(default=0)),
                ("rules_version", fields.BigIntField(default=0)),
                ("denylist_version", fields.BigIntField(default=0)),
                ("directory_version", fields.BigIntField(default=0)),
                ("keyring_version", fields.BigIntField(default=0)),
                ("software", fields.CharField(default="", max_length=64)),
                ("readiness", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "terminal",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "An enrolled device. Its private keys never leave it, here are the public halves (hex).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TerminalSessionRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("terminal_id", fields.IntField(db_index=True)),
                ("sealed_key", fields.CharField(max_length=160)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "terminal_session",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A session: the id's hash and the HMAC key, sealed at rest under the server's sealing key.",
            },
            bases=["Model"],
        ),
    ]
