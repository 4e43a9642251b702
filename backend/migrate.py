"""`python -m backend.migrate URL`: bring a database's tables to this version."""

from __future__ import annotations

import asyncio
import sys

from tortoise.migrations.api.migrate import migrate as run_migrations

from backend.tables.database import DatabaseUrl, close_tables, tortoise_config


async def migrate(url: DatabaseUrl) -> None:
    """Apply every migration the database has not seen; safe to call again."""
    try:
        await run_migrations(config=tortoise_config(url))
    finally:
        await close_tables()


def main(arguments: list[str]) -> int:
    """Migrate the database named on the command line."""
    if len(arguments) != 1:
        sys.stderr.write(
            "usage: python -m backend.migrate sqlite:///file | mysql://login@host/name\n"
        )
        return 2
    asyncio.run(migrate(DatabaseUrl.parse(arguments[0])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
