"""What guardians limit, which terminals hold that, and an index for what a holder spent on a day."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


async def index_days(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Let (holder, business day) be looked up, in the place of the index over the holder alone.

    The new index answers all that the old one did; two would cost every payment a second write.
    """
    client = editor.client
    is_mysql = client.capabilities.dialect == "mysql"
    if is_mysql:
        _, rows = await client.execute_query("SHOW INDEX FROM payment")
        columns: dict[str, list[str]] = {}
        for row in rows:
            columns.setdefault(row["Key_name"], []).append(row["Column_name"])
    else:
        _, rows = await client.execute_query("PRAGMA index_list(payment)")
        columns = {}
        for row in rows:
            _, parts = await client.execute_query(f"PRAGMA index_info({row['name']})")
            columns[row["name"]] = [part["name"] for part in parts]
    await client.execute_query(
        "CREATE INDEX payment_holder_day ON payment (holder_id, business_on)"
    )
    for name, indexed in columns.items():
        if indexed == ["holder_id"]:
            table = " ON payment" if is_mysql else ""
            await client.execute_query(f"DROP INDEX {name}{table}")


class Migration(migrations.Migration):
    """The table `holder_limit`, two columns and an index."""

    dependencies = [("backend", "0010_notices")]
    initial = False
    operations = [
        ops.CreateModel(
            name="HolderLimitRow",
            fields=[
                ("holder_id", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("limits", fields.TextField(unique=False)),
                ("set_by", fields.CharField(max_length=64)),
                ("set_at", fields.BigIntField()),
                ("changed_version", fields.BigIntField(db_index=True)),
            ],
            options={
                "table": "holder_limit",
                "app": "backend",
                "pk_attr": "holder_id",
                "table_description": "What the guardians of one holder limit, as JSON, and who set it last.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="CardholderRow",
            name="is_limited",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="TerminalRow",
            name="limits_version",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.RunPython(index_days),
    ]
