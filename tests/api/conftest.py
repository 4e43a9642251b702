"""The server's app at work on both engines."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import make_store
from backend.usecases.ledger.verify_ledger import verify_ledger
from tests.rig.office import Hand, Office, open_office
from tests.rig.raw_books import assert_sound
from tests.rig.shop import Shop
from tests.rig.wechat import SimulatedWechat, open_wechat


@pytest_asyncio.fixture
async def office(migrated_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """A server with rules and key epochs; nobody works there yet."""
    async with open_office(migrated_url, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def shop(office: Office, migrated_url: str) -> AsyncIterator[Shop]:
    """A shop whose books are checked when the test is through with it."""
    ledger = Ledger(make_store(DatabaseUrl.parse(migrated_url)), office.clock, "tests")
    await ledger.open()
    try:
        made = Shop(office, migrated_url, ledger)
        yield made
        assert_sound(migrated_url, made.sent)
        assert (await verify_ledger(ledger)).findings == []
    finally:
        await ledger.close()


@pytest_asyncio.fixture
async def wechat(tmp_path: Path) -> AsyncIterator[SimulatedWechat]:
    """A WeChat with the clock of the server that asks it."""
    async with open_wechat(tmp_path, Hand()) as made:
        yield made


@pytest_asyncio.fixture
async def phones(
    migrated_url: str, tmp_path: Path, wechat: SimulatedWechat
) -> AsyncIterator[Office]:
    """The same server for a school that has a mini-program."""
    async with open_office(migrated_url, tmp_path, wechat.clock, **wechat.settings) as made:
        yield made
