"""One statement on a connection of the harness's own, as somebody with the password would."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from urllib.parse import unquote, urlsplit

import pymysql


class RefusedSqlError(Exception):
    """The database said no."""


def execute(url: str, statement: str) -> None:
    """Run and commit one statement; RefusedSqlError when the database refuses it."""
    try:
        if url.startswith("sqlite://"):
            with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as file, file:
                file.execute(statement)
            return
        parts = urlsplit(url)
        connection = pymysql.connect(
            host=parts.hostname,
            port=parts.port or 3306,
            user=unquote(parts.username or "root"),
            database=parts.path.strip("/"),
            autocommit=True,
            ssl_disabled=True,  # it would read every authority of the machine to ask on loopback
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
    except (sqlite3.DatabaseError, pymysql.err.MySQLError) as error:
        raise RefusedSqlError(str(error)) from error
