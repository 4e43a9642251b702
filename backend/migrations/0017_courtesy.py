"""Meals on the school: their account, and what the database itself refuses about them.

A payment of this reason is borne by the school whole; what takes it back is a void of the whole,
once, so that neither a purse nor a person gains by it.
"""

from __future__ import annotations

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

ACCOUNT = (
    "INSERT INTO account (id, code, kind, purse, balance_fen, floor_fen)"
    " VALUES (15, 'courtesy', 'school', '', 0, 0)"
)
WHOLE = "{row}reason <> 'courtesy' OR {row}borne_fen = {row}charged_fen"
VOIDED = (
    "EXISTS (SELECT 1 FROM payment p WHERE p.id = NEW.payment_id AND p.reason = 'courtesy'"
    " AND (NEW.kind <> 'void' OR NEW.amount_fen <> p.charged_fen"
    " OR EXISTS (SELECT 1 FROM correction c WHERE c.payment_id = p.id)))"
)


def guards(dialect: str) -> list[str]:
    """The statements that put the guards up, one each."""
    whole, voided = "courtesy_borne_whole", "courtesy_voided_whole"
    if dialect == "mysql":
        check = f"ADD CONSTRAINT {whole} CHECK ({WHOLE.format(row='')})"
        stop = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{voided}'"
        before = f"CREATE TRIGGER {voided} BEFORE INSERT ON correction FOR EACH ROW"
        return [f"ALTER TABLE payment {check}", f"{before} IF {VOIDED} THEN {stop}; END IF"]
    raised = "BEGIN SELECT RAISE(ABORT, '{}'); END"
    before = "CREATE TRIGGER {} BEFORE INSERT ON {} WHEN"
    return [
        f"{before.format(whole, 'payment')} NOT ({WHOLE.format(row='NEW.')}) {raised.format(whole)}",
        f"{before.format(voided, 'correction')} {VOIDED} {raised.format(voided)}",
    ]


async def put_up(_apps: object, editor: Any) -> None:  # noqa: ANN401 - Tortoise's editor is untyped
    """Open the account and put the guards up."""
    for statement in (ACCOUNT, *guards(editor.client.capabilities.dialect)):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    """One row of `account`, a check and a trigger."""

    dependencies = [("backend", "0016_visits")]
    initial = False
    operations = [ops.RunPython(put_up)]
