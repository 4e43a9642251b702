"""An item in suspense is settled once: the database refuses to name another entry for it."""

from __future__ import annotations

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

NAME = "suspense_settled_once"
AGAIN = "OLD.settled_by_id <> 0 AND NEW.settled_by_id <> OLD.settled_by_id"


def guard_of(dialect: str) -> str:
    """The statement that puts the guard up."""
    head = f"CREATE TRIGGER {NAME} BEFORE UPDATE ON suspense"
    if dialect == "mysql":
        refusal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{NAME}'"
        return f"{head} FOR EACH ROW IF {AGAIN} THEN {refusal}; END IF"
    return f"{head} WHEN {AGAIN} BEGIN SELECT RAISE(ABORT, '{NAME}'); END"


async def guard(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Put it up."""
    await editor.client.execute_query(guard_of(editor.client.capabilities.dialect))


class Migration(migrations.Migration):
    """One trigger."""

    dependencies = [("backend", "0028_homes")]
    initial = False
    operations = [ops.RunPython(guard)]
