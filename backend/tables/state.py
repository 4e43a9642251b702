"""Whether the database is one this version of the program can work with."""

from __future__ import annotations

from pathlib import Path

from tortoise.exceptions import OperationalError

from backend.tables.school import CounterRow

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class UnmigratedError(Exception):
    """The tables are missing, older or newer than this program."""


async def require_migrated() -> None:
    """Compare the migrations the database has seen with those of this program.

    Raises:
        UnmigratedError: with the command that helps.

    """
    wanted = {path.stem for path in MIGRATIONS.glob("[0-9]*.py")}
    connection = CounterRow._meta.db  # noqa: SLF001 - the table of migrations has no row class
    try:
        _, rows = await connection.execute_query(
            "SELECT name FROM tortoise_migrations WHERE app = 'backend'"
        )
    except OperationalError as error:
        raise UnmigratedError(
            "XIAOMA_DATABASE: the database holds no tables yet (or cannot be reached); "
            f"run: python -m backend.migrate URL ({error})"
        ) from error
    seen = {str(row["name"]) for row in rows}
    if missing := sorted(wanted - seen):
        raise UnmigratedError(
            f"XIAOMA_DATABASE: the database lacks {', '.join(missing)}; "
            "run: python -m backend.migrate URL"
        )
    if unknown := sorted(seen - wanted):
        raise UnmigratedError(
            f"XIAOMA_DATABASE: the database is newer than this program: {', '.join(unknown)}"
        )
