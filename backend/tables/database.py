"""Opening the database: one URL, two engines, the session settings both need."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tortoise import Tortoise
from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

MODULES = [
    f"backend.tables.{noun}"
    for noun in (
        "account",
        "announcement",
        "api_token",
        "benefit",
        "bill",
        "card",
        "card_request",
        "cardholder",
        "chip",
        "door",
        "drawer",
        "drill",
        "ending",
        "export",
        "factor",
        "guardian",
        "holder_limit",
        "job",
        "leaving",
        "merchant",
        "message",
        "payment",
        "place",
        "progress",
        "pulse",
        "remittance",
        "report",
        "risk",
        "rollout",
        "roster",
        "school",
        "sealing",
        "setting",
        "shift",
        "shipment",
        "staff",
        "terminal",
        "top_up",
        "visit",
        "wechat",
    )
]
"""Where the rows stand; migrations read this list too."""

POOL_MAX = 8
SQLITE_BUSY_SECONDS = 15
"""How long one SQLite writer waits for another before it gives up."""


class DatabaseUrlError(ValueError):
    """The database URL is not of the form this project understands."""


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A parsed database URL: `sqlite:///absolute`, `sqlite://relative` or `mysql://…/name`."""

    engine: str
    path: str = ""
    host: str = "127.0.0.1"
    port: int = 3306
    login: str = "root"
    password: str = ""
    name: str = ""
    socket: str = ""

    @classmethod
    def parse(cls, text: str) -> DatabaseUrl:
        """Read a URL; `?unix_socket=/path` is understood for MariaDB.

        Raises:
            DatabaseUrlError: naming what is wrong with it.

        """
        parts = urlsplit(text)
        if parts.scheme == "sqlite":
            path = unquote(parts.netloc + parts.path)
            if not path:
                message = f"a SQLite URL reads sqlite:///absolute/file: {text}"
                raise DatabaseUrlError(message)
            return cls(engine="sqlite", path=path)
        if parts.scheme not in ("mysql", "mariadb"):
            message = f"the database URL must begin with sqlite:// or mysql://: {text}"
            raise DatabaseUrlError(message)
        name = parts.path.removeprefix("/")
        if not name:
            message = "the database URL names no database: mysql://login:password@host:port/name"
            raise DatabaseUrlError(message)
        return cls(
            engine="mysql",
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 3306,
            login=unquote(parts.username or "root"),
            password=unquote(parts.password or ""),
            name=name,
            socket=parse_qs(parts.query).get("unix_socket", [""])[0],
        )


def tortoise_config(url: DatabaseUrl) -> dict[str, Any]:
    """The configuration Tortoise wants; the connection is named after the engine.

    Tortoise caches statements per connection name, so two engines in one process need two names.
    """
    if url.engine == "sqlite":
        connection: dict[str, Any] = {
            "engine": "tortoise.backends.sqlite",
            "credentials": {
                "file_path": url.path,
                "journal_mode": "WAL",
                "synchronous": "FULL",
                "busy_timeout": SQLITE_BUSY_SECONDS * 1000,
                "foreign_keys": "ON",
            },
        }
    else:
        credentials: dict[str, Any] = {
            "host": url.host,
            "port": url.port,
            "user": url.login,
            "password": url.password,
            "database": url.name,
            "minsize": 1,
            "maxsize": POOL_MAX,
            "charset": "utf8mb4",
            "init_command": "SET time_zone='+00:00'",
        }
        if url.socket:
            credentials["unix_socket"] = url.socket
        connection = {"engine": "tortoise.backends.mysql", "credentials": credentials}
    return {
        "connections": {url.engine: connection},
        "apps": {
            "backend": {
                "models": MODULES,
                "default_connection": url.engine,
                "migrations": "backend.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


async def open_tables(url: DatabaseUrl) -> TortoiseContext:
    """Connect Tortoise to the database; close with `close_tables`, always."""
    return await Tortoise.init(config=tortoise_config(url), _enable_global_fallback=True)


async def close_tables() -> None:
    """Close every connection; an open SQLite one would keep the process alive for ever."""
    await Tortoise.close_connections()


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """One transaction that means to write; queries inside it use it by themselves.

    SQLite begins deferred: a transaction that first reads and then writes fails at once when
    another process wrote in between. Touching a row first takes the write lock in the queue.
    """
    async with in_transaction() as connection:
        if connection.capabilities.dialect == "sqlite":
            await connection.execute_query("UPDATE counter SET value = value WHERE name = ''")
        yield
