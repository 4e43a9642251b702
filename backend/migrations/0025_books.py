"""Books: each campus has its own, so an account stands in one, and totals a day are told by it."""

from __future__ import annotations

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

MERCHANT_BASE = 1 << 40
CAMPUS = (
    "SELECT COALESCE(c.id,b.id,a.id) AS book_id,m.id AS merchant_id FROM merchant m"
    " JOIN place a ON a.id=m.place_id LEFT JOIN place b ON b.id=a.parent_id"
    " LEFT JOIN place c ON c.id=b.parent_id"
)
"""A merchant stands at a window, in a canteen, on a campus: the uppermost is its book."""
MADE_AGAIN = ("day_total", "lane_day", "day_mark")
"""What is added up from the books alone; the worker adds it up anew, account_day with it."""


async def place(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Put the payables of merchants that stand on a campus into its book."""
    for table in MADE_AGAIN:
        await editor.client.execute_query(f"DELETE FROM {table}")  # noqa: S608 - a table of ours
    for row in await editor.client.execute_query_dict(CAMPUS):
        book_id, account_id = int(row["book_id"]), MERCHANT_BASE + int(row["merchant_id"])
        await editor.client.execute_query(
            f"UPDATE account SET book_id={book_id} WHERE id={account_id}"  # noqa: S608 - numbers
        )


def _key() -> fields.BigIntField:
    return fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


class Migration(migrations.Migration):
    """Two columns, one table anew, one more."""

    dependencies = [("backend", "0024_progress")]
    initial = False
    operations = [
        ops.AddField(
            model_name="AccountRow", name="book_id", field=fields.IntField(default=0, db_default=0)
        ),
        ops.AddField(
            model_name="CardholderRow",
            name="campus_id",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.DeleteModel(name="AccountDayRow"),
        ops.CreateModel(
            name="AccountDayRow",
            fields=[
                ("id", _key()),
                ("account_id", fields.BigIntField()),
                ("book_id", fields.IntField()),
                ("booked_on", fields.IntField()),
                ("debit_fen", fields.BigIntField(default=0)),
                ("credit_fen", fields.BigIntField(default=0)),
                ("postings", fields.IntField(default=0)),
            ],
            options={
                "table": "account_day",
                "app": "backend",
                "unique_together": (("account_id", "book_id", "booked_on"),),
                "pk_attr": "id",
                "table_description": "What went out of (debit) and into (credit) an account on one Beijing day of booking.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BookFlowRow",
            fields=[
                ("id", _key()),
                ("source_book", fields.IntField()),
                ("target_book", fields.IntField()),
                ("booked_on", fields.IntField()),
                ("amount_fen", fields.BigIntField(default=0)),
                ("postings", fields.IntField(default=0)),
            ],
            options={
                "table": "book_flow",
                "app": "backend",
                "unique_together": (("source_book", "target_book", "booked_on"),),
                "pk_attr": "id",
                "table_description": "What went from the accounts of one book to those of another on one Beijing day.",
            },
            bases=["Model"],
        ),
        ops.RunPython(place),
    ]
