"""What the database says of itself."""

from __future__ import annotations

from backend.tables.school import CounterRow


async def database_words() -> tuple[str, str]:
    """Its engine and its version."""
    connection = CounterRow._meta.db  # noqa: SLF001 - no row says what the database is
    is_sqlite = connection.capabilities.dialect == "sqlite"
    text = "SELECT sqlite_version() AS v" if is_sqlite else "SELECT VERSION() AS v"
    _, rows = await connection.execute_query(text)
    version = str(rows[0]["v"])
    if is_sqlite:
        return "SQLite", version
    return ("MariaDB" if "MariaDB" in version else "MySQL"), version


async def latest_migration() -> str:
    """The newest migration it has seen."""
    connection = CounterRow._meta.db  # noqa: SLF001 - the table of migrations has no row class
    _, rows = await connection.execute_query(
        "SELECT name FROM tortoise_migrations WHERE app='backend' ORDER BY name DESC LIMIT 1"
    )
    return str(rows[0]["name"]) if rows else ""
