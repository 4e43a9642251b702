"""The server's app at work on both engines."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.rig.office import Office, open_office


@pytest_asyncio.fixture
async def office(migrated_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """A server with rules and key epochs; nobody works there yet."""
    async with open_office(migrated_url, tmp_path) as made:
        yield made
