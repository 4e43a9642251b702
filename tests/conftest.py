"""Fixtures that every test may ask for."""

import gc
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings

from backend.tables.database import DatabaseUrl, close_tables, open_tables
from simulators.databases import PrivateMariaDB
from tests.rig.billing import Billing
from tests.rig.campus import Campus, open_campus
from tests.rig.memory import use_memory
from tests.rig.paying import Paying, open_paying
from tests.rig.servers import (
    database_url,
    mariadb,
    mariadb_url,
    migrate_apart,
    redis_server,
    redis_url,
    sqlite_url,
)
from tests.rig.tables import empty_tables

__all__ = [
    "database_url",
    "mariadb",
    "mariadb_url",
    "redis_server",
    "redis_url",
    "sqlite_url",
]

# A busy machine is no fault: pytest-timeout bounds a test, not hypothesis each of its examples.
settings.register_profile("house", parent=settings(), deadline=None)
settings.load_profile("house")

use_memory()  # before pytest or a fixture asks where temporary files go


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays for the whole run: modules, tests, models."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Anyio's own tests would run on trio too; we are asyncio only."""
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file; tests copy it instead of migrating anew."""
    path = tmp_path_factory.mktemp("template") / "xiaoma.sqlite3"
    migrate_apart(f"sqlite://{path}")
    return path


@pytest.fixture(scope="session")
def migrated_mariadb(mariadb: PrivateMariaDB) -> str:
    """A migrated MariaDB database; tests empty it behind them instead of migrating anew."""
    url = mariadb.fresh_database("migrated")
    migrate_apart(url)
    return url


@pytest.fixture(params=["sqlite", "mariadb"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database without rows: each test runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "xiaoma.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite://{path}"
        return
    url: str = request.getfixturevalue("migrated_mariadb")
    empty_tables(url)
    yield url


@pytest_asyncio.fixture
async def db(migrated_url: str) -> AsyncIterator[DatabaseUrl]:
    """A migrated database, open for the tables' own queries; closed whatever happens."""
    url = DatabaseUrl.parse(migrated_url)
    try:
        await open_tables(url)
        yield url
    finally:
        await close_tables()


@pytest_asyncio.fixture
async def campus(db: DatabaseUrl) -> AsyncIterator[Campus]:
    """A small school on a migrated database, its ledger open."""
    made = await open_campus(db)
    try:
        yield made
    finally:
        await made.ledger.close()


@pytest_asyncio.fixture
async def paying(migrated_url: str, tmp_path: Path) -> AsyncIterator[Paying]:
    """A served school with WeChat and WeChat Pay; its books must be right at the end."""
    async with open_paying(migrated_url, tmp_path) as made:
        yield made
        await made.audit()


@pytest_asyncio.fixture
async def billing(paying: Paying) -> Billing:
    """A school with one student who tops up."""
    return Billing(paying, await paying.student("o-bill"))
