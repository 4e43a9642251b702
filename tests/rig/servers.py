"""Fixtures: one private MariaDB and one private Redis for each pytest process, and a fresh empty
database for each test. Nothing of the machine's own servers is touched.
"""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.databases import PrivateMariaDB, PrivateRedis
from tests.rig.process import ROOT

_numbers = itertools.count(1)


def migrate_apart(url: str) -> None:
    """Migrate in an unmeasured process: with coverage it takes twice as long in every worker.

    The tests of migrations themselves are measured.
    """
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    command = [sys.executable, "-m", "backend.migrate", url]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


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
