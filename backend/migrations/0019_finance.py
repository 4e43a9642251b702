"""Reports' totals a day, commissions, remittances to merchants, and days that a person closed."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

APPEND_ONLY = ("commission", "settlement_fee", "day_close")
CHECKS = {
    "commission": ("commission_within", "{row}basis_points BETWEEN 0 AND 3000"),
    "settlement_fee": ("settlement_fee_of_base", "{row}fee_fen BETWEEN 1 AND {row}base_fen"),
    "remittance": (
        "remittance_by_two",
        (
            "{row}amount_fen > 0 AND ({row}decided_by = '') = ({row}decision = '')"
            " AND {row}decided_by <> {row}made_by"
        ),
    ),
    "day_close": ("day_close_adds_up", "{row}debit_fen = {row}credit_fen"),
}
STANDS = (
    "OLD.decision <> '' OR NEW.made_by <> OLD.made_by OR NEW.amount_fen <> OLD.amount_fen"
    " OR NEW.merchant_id <> OLD.merchant_id"
)
REFUSED = "a remittance stands as it was asked for and decided"
INDEXES = (
    ("payment", "payment_day_merchant", "business_on, merchant_id"),
    ("lot", "lot_posted", "posted_at"),
    ("credit", "credit_posted", "posted_at"),
    ("correction", "correction_posted", "posted_at"),
    ("reversal", "reversal_posted", "posted_at"),
    ("reversal", "reversal_payment", "payment_id"),
    ("suspense", "suspense_opened", "opened_at"),
)
ACCOUNTS = {16: "commission_income", 17: "merchants_paid"}
INSERT = "INSERT INTO account (id, code, kind, purse, balance_fen, floor_fen) VALUES"


def guards(dialect: str) -> list[str]:
    """The statements that put the guards up, one each; the forms are 0002's."""
    is_mysql = dialect == "mysql"
    made = [
        trigger(
            dialect, f"{table}_no_{verb.lower()}", f"{verb} ON {table}", f"{table} is append-only"
        )
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    made.append(trigger(dialect, "remittance_no_delete", "DELETE ON remittance", REFUSED))
    made.append(trigger(dialect, "remittance_stands", "UPDATE ON remittance", REFUSED, STANDS))
    for table, (name, rule) in CHECKS.items():
        if is_mysql:
            made.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule.format(row='')})")
            continue
        made += [
            f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table}"
            f" WHEN NOT ({rule.format(row='NEW.')}) BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for verb in ("INSERT", "UPDATE")
        ]
    return made


def trigger(dialect: str, name: str, event: str, refusal: str, when: str = "") -> str:
    """A trigger that refuses what happens, always or `when`."""
    if dialect == "mysql":
        signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{refusal}'"
        body = f"IF {when} THEN {signal}; END IF" if when else signal
        return f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW {body}"
    condition = f" WHEN {when}" if when else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event}{condition}"
        f" BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )


async def guard(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Put the guards and indexes up and open the accounts."""
    for statement in guards(editor.client.capabilities.dialect):
        await editor.client.execute_query(statement)
    for table, name, columns in INDEXES:
        await editor.client.execute_query(f"CREATE INDEX {name} ON {table} ({columns})")
    for account_id, code in ACCOUNTS.items():
        values = f"({account_id}, '{code}', 'school', '', 0, 0)"
        await editor.client.execute_query(f"{INSERT} {values}")


class Migration(migrations.Migration):
    """Nine tables, a column, guards, indexes and two rows of `account`."""

    dependencies = [("backend", "0018_people")]
    initial = False
    operations = [
        ops.CreateModel(
            name="DayTotalRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("dimension", fields.CharField(max_length=12)),
                ("value", fields.CharField(max_length=96)),
                ("merchant_id", fields.IntField()),
                ("business_on", fields.IntField()),
                ("payments", fields.IntField(default=0)),
                ("offline_payments", fields.IntField(default=0)),
                ("nominal_fen", fields.BigIntField(default=0)),
                ("discount_fen", fields.BigIntField(default=0)),
                ("fee_fen", fields.BigIntField(default=0)),
                ("charged_fen", fields.BigIntField(default=0)),
                ("borne_fen", fields.BigIntField(default=0)),
                ("payable_fen", fields.BigIntField(default=0)),
                ("corrected_fen", fields.BigIntField(default=0)),
            ],
            options={
                "table": "day_total",
                "app": "backend",
                "unique_together": (("dimension", "business_on", "merchant_id", "value"),),
                "pk_attr": "id",
                "table_description": "What was paid on one business day by one value of a dimension: a terminal, class, department.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AccountDayRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("account_id", fields.BigIntField()),
                ("booked_on", fields.IntField()),
                ("debit_fen", fields.BigIntField(default=0)),
                ("credit_fen", fields.BigIntField(default=0)),
                ("postings", fields.IntField(default=0)),
            ],
            options={
                "table": "account_day",
                "app": "backend",
                "unique_together": (("account_id", "booked_on"),),
                "pk_attr": "id",
                "table_description": "What went out of (debit) and into (credit) an account on one Beijing day of booking.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LaneDayRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("lane_id", fields.IntField()),
                ("booked_on", fields.IntField(db_index=True)),
                ("after_id", fields.BigIntField()),
                ("through_id", fields.BigIntField()),
            ],
            options={
                "table": "lane_day",
                "app": "backend",
                "unique_together": (("lane_id", "after_id"),),
                "pk_attr": "id",
                "table_description": "Which entries of a lane were booked on a Beijing day: after_id < id <= through_id.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DayMarkRow",
            fields=[
                ("lane_id", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("through_id", fields.BigIntField()),
            ],
            options={
                "table": "day_mark",
                "app": "backend",
                "pk_attr": "lane_id",
                "table_description": "How far the totals a day have read in one lane (entries with ids ≤ `through_id`).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CommissionRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("merchant_id", fields.IntField()),
                ("begins_on", fields.IntField()),
                ("basis_points", fields.IntField()),
                ("reason", fields.CharField(max_length=200)),
                ("set_by", fields.CharField(max_length=64)),
                ("set_at", fields.BigIntField()),
            ],
            options={
                "table": "commission",
                "app": "backend",
                "unique_together": (("merchant_id", "begins_on"),),
                "pk_attr": "id",
                "table_description": "From a business day on, how many hundredths of a per cent the school keeps. Append-only.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SettlementFeeRow",
            fields=[
                ("id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("merchant_id", fields.IntField(db_index=True)),
                ("basis_points", fields.IntField()),
                ("base_fen", fields.BigIntField()),
                ("fee_fen", fields.BigIntField()),
            ],
            options={
                "table": "settlement_fee",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "What the school kept of one settlement: `fee_fen` of `base_fen`. Append-only, chained.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RemittanceRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("request_key", fields.CharField(unique=True, max_length=64)),
                ("merchant_id", fields.IntField(db_index=True)),
                ("through_on", fields.IntField()),
                ("settlements", fields.IntField()),
                ("amount_fen", fields.BigIntField()),
                ("reason", fields.CharField(max_length=200)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("decided_by", fields.CharField(default="", max_length=64)),
                ("decided_at", fields.BigIntField(default=0)),
                ("decision", fields.CharField(default="", max_length=8)),
                ("voucher", fields.CharField(default="", max_length=64)),
                ("entry_id", fields.BigIntField(default=0)),
            ],
            options={
                "table": "remittance",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "Money sent to a merchant for settlements: asked for by one person, decided by another.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RemittanceLineRow",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("remittance_id", fields.BigIntField(db_index=True)),
                ("settlement_id", fields.BigIntField(db_index=True)),
                ("standing_id", fields.BigIntField(null=True, unique=True)),
                ("amount_fen", fields.BigIntField()),
            ],
            options={
                "table": "remittance_line",
                "app": "backend",
                "pk_attr": "id",
                "table_description": "A settlement that a remittance pays. `standing_id` is the settlement's id until a rejection,",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DayCloseRow",
            fields=[
                ("business_on", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("closed_by", fields.CharField(max_length=64)),
                ("closed_at", fields.BigIntField()),
                ("reason", fields.CharField(max_length=200)),
                ("payments", fields.IntField()),
                ("charged_fen", fields.BigIntField()),
                ("debit_fen", fields.BigIntField()),
                ("credit_fen", fields.BigIntField()),
                ("missing", fields.IntField()),
                ("picture", fields.JSONField(default=dict)),
            ],
            options={
                "table": "day_close",
                "app": "backend",
                "pk_attr": "business_on",
                "table_description": "A person's word that a business day is whole, and what he saw. Append-only, once a day.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="TerminalRow",
            name="highest_sequence",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.RunPython(guard),
    ]
