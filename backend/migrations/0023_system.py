"""The trail's seals, second factors that recover, settings, switches, tokens, jobs, risk."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

APPEND_ONLY = ("audit_seal", "setting_change", "case_note")
CHECKS = {
    "factor_reset": (
        "factor_reset_by_two",
        "{row}decided_by = '' OR {row}decided_by NOT IN ({row}asked_by, {row}for_whom)",
    ),
}


def guards(dialect: str) -> list[str]:
    """The statements that put the guards up, one each; the forms are 0002's."""
    made = []
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            name, refusal = f"{table}_no_{verb.lower()}", f"{table} is append-only"
            body = (
                f"FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{refusal}'"
                if dialect == "mysql"
                else f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
            made.append(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {body}")
    for table, (name, rule) in CHECKS.items():
        if dialect == "mysql":
            made.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule.format(row='')})")
            continue
        made += [
            f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table}"
            f" WHEN NOT ({rule.format(row='NEW.')}) BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for verb in ("INSERT", "UPDATE")
        ]
    return made


async def put_up(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Run the guards, and index what the trail and the watch over payments are searched by."""
    client = editor.client
    dialect = client.capabilities.dialect
    for statement in guards("mysql" if dialect == "mysql" else "sqlite"):
        await client.execute_query(statement)
    await client.execute_query("CREATE INDEX audit_actor ON audit (actor, id)")
    await client.execute_query("CREATE INDEX audit_verb ON audit (verb, id)")
    await client.execute_query("CREATE INDEX audit_at ON audit (at)")


def _key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


def _own_key() -> fields.BigIntField:
    return fields.BigIntField(primary_key=True, unique=True, db_index=True)


def _table(name: str, says: str, key: str = "id", **more: object) -> dict[str, Any]:
    return {"table": name, "app": "backend", "pk_attr": key, "table_description": says, **more}


class Migration(migrations.Migration):
    """Eleven tables, a column, two indexes, guards."""

    dependencies = [("backend", "0022_rollouts")]
    initial = False
    operations = [
        ops.AddField(
            model_name="SessionRow",
            name="opened_from",
            field=fields.CharField(max_length=45, default="", db_default=""),
        ),
        ops.CreateModel(
            name="AuditSealRow",
            fields=[
                ("number", _own_key()),
                ("audit_id", fields.BigIntField(unique=True)),
                ("hash", fields.CharField(max_length=64)),
            ],
            options=_table("audit_seal", "One line of the trail in its chain.", "number"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecoveryCodeRow",
            fields=[
                ("id", _key()),
                ("staff_id", fields.BigIntField(db_index=True)),
                ("code_hash", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("used_at", fields.BigIntField(default=0)),
            ],
            options=_table("recovery_code", "A one-time code in the place of a second factor."),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FactorResetRow",
            fields=[
                ("id", _key()),
                ("staff_id", fields.BigIntField(db_index=True)),
                ("for_whom", fields.CharField(max_length=64)),
                ("reason", fields.CharField(max_length=200)),
                ("asked_by", fields.CharField(max_length=64)),
                ("asked_at", fields.BigIntField()),
                ("decided_by", fields.CharField(max_length=64, default="")),
                ("decided_at", fields.BigIntField(default=0)),
                ("decision", fields.CharField(max_length=8, default="")),
            ],
            options=_table("factor_reset", "A new second factor, by two people."),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SettingRow",
            fields=[
                (
                    "name",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("value", fields.IntField()),
            ],
            options=_table("setting", "A setting that is not its default.", "name"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SettingChangeRow",
            fields=[
                ("id", _key()),
                ("name", fields.CharField(max_length=32, db_index=True)),
                ("before", fields.IntField()),
                ("after", fields.IntField()),
                ("reason", fields.CharField(max_length=200)),
                ("changed_by", fields.CharField(max_length=64)),
                ("changed_at", fields.BigIntField()),
            ],
            options=_table("setting_change", "Who set what from what to what."),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SwitchRow",
            fields=[
                ("id", _key()),
                ("feature", fields.CharField(max_length=24)),
                ("place_id", fields.IntField(default=0)),
                ("group_id", fields.CharField(max_length=16, default="")),
                ("is_on", fields.BooleanField()),
                ("changed_by", fields.CharField(max_length=64)),
                ("changed_at", fields.BigIntField()),
            ],
            options=_table(
                "switch",
                "Whether a feature is on somewhere.",
                unique_together=(("feature", "place_id", "group_id"),),
            ),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ApiTokenRow",
            fields=[
                ("id", _key()),
                ("name", fields.CharField(max_length=64)),
                ("token_hash", fields.CharField(max_length=64, unique=True)),
                ("verbs", fields.TextField(unique=False)),
                ("place_id", fields.IntField(default=0)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
                ("expires_at", fields.BigIntField()),
                ("ended_at", fields.BigIntField(default=0)),
                ("used_at", fields.BigIntField(default=0)),
            ],
            options=_table("api_token", "A program of the school that reads."),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="JobRow",
            fields=[
                (
                    "name",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("every_seconds", fields.FloatField()),
                ("ran_at", fields.BigIntField(default=0)),
                ("took_ms", fields.IntField(default=0)),
                ("told", fields.CharField(max_length=200, default="")),
                ("fault", fields.CharField(max_length=200, default="")),
                ("failed_at", fields.BigIntField(default=0)),
                ("failures", fields.IntField(default=0)),
                ("asked_at", fields.BigIntField(default=0)),
                ("asked_by", fields.CharField(max_length=64, default="")),
            ],
            options=_table("job", "How a job of the worker went last.", "name"),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AlertRow",
            fields=[
                ("id", _key()),
                ("kind", fields.CharField(max_length=16)),
                ("topic", fields.CharField(max_length=64)),
                ("merchant_id", fields.IntField(default=0)),
                ("terminal_id", fields.IntField(default=0)),
                ("card_id", fields.BigIntField(default=0)),
                ("holder_id", fields.BigIntField(default=0)),
                ("payment_id", fields.BigIntField(default=0)),
                ("business_on", fields.IntField(default=0)),
                ("evidence", fields.JSONField(default=dict)),
                ("found_at", fields.BigIntField()),
                ("case_id", fields.BigIntField(default=0, db_index=True)),
                ("closed_at", fields.BigIntField(default=0)),
                ("closed_by", fields.CharField(max_length=64, default="")),
                ("closing_reason", fields.CharField(max_length=200, default="")),
            ],
            options=_table(
                "alert",
                "Something the worker thinks a person should look at.",
                unique_together=(("kind", "topic"),),
                indexes=[Index(fields=["closed_at", "id"])],
            ),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseRow",
            fields=[
                ("id", _key()),
                ("title", fields.CharField(max_length=100)),
                ("owner_id", fields.BigIntField(db_index=True)),
                ("opened_by", fields.CharField(max_length=64)),
                ("opened_at", fields.BigIntField()),
                ("due_at", fields.BigIntField()),
                ("closed_at", fields.BigIntField(default=0)),
                ("closed_by", fields.CharField(max_length=64, default="")),
                ("finding", fields.CharField(max_length=16, default="")),
                ("closing_reason", fields.CharField(max_length=200, default="")),
            ],
            options=_table(
                "risk_case",
                "Alerts that one person looks into until a day.",
                indexes=[Index(fields=["closed_at", "id"])],
            ),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseNoteRow",
            fields=[
                ("id", _key()),
                ("case_id", fields.BigIntField(db_index=True)),
                ("text", fields.CharField(max_length=1000)),
                ("made_by", fields.CharField(max_length=64)),
                ("made_at", fields.BigIntField()),
            ],
            options=_table("case_note", "What somebody found out about a case."),
            bases=["Model"],
        ),
        ops.RunPython(put_up),
    ]
