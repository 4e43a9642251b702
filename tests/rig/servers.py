"""Fixtures: one private MariaDB and one private Redis for each pytest process, and a fresh empty
database for each test. Nothing of the machine's own servers is touched.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.databases import PrivateMariaDB, PrivateRedis

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[PrivateMariaDB]:
    """The private MariaDB of this pytest process. A test that kills it starts it again."""
    with PrivateMariaDB() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[PrivateRedis]:
    """The private Redis; use `redis_url` unless the server itself is wanted."""
    with PrivateRedis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: PrivateRedis) -> str:
    """The URL of an empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite database that does not exist yet."""
    return f"sqlite://{tmp_path / 'xiaoma.sqlite3'}"


@pytest.fixture
def mariadb_url(mariadb: PrivateMariaDB) -> Iterator[str]:
    """The URL of an empty MariaDB database, dropped after the test."""
    name = f"test_{next(_numbers)}"
    yield mariadb.fresh_database(name)
    mariadb.drop_database(name)


@pytest.fixture(params=["sqlite", "mariadb"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh empty database: each test that asks for it runs on both kinds."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
