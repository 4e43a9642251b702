"""The office's web as it is built, and a server that gives it out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from backend.config import OFFICE
from scripts.build_office import build
from tests.rig.office import Office, open_office
from tests.rig.web import Web, open_web


@pytest.fixture(scope="session")
def built_office() -> Path:
    """The web where people have it too; built once, whichever process comes first."""
    assert build(OFFICE) == 0
    return OFFICE


@pytest.fixture(params=["sqlite"])
def migrated_url(migrated_url: str) -> str:
    """One database: tests/api asks the API on both. Some tests are marked `on_both`."""
    return migrated_url


@pytest_asyncio.fixture(loop_scope="session")
async def served(migrated_url: str, tmp_path: Path, built_office: Path) -> AsyncIterator[Office]:
    """A server with rules and key epochs that gives the web out; nobody works there yet."""
    async with open_office(migrated_url, tmp_path, XIAOMA_OFFICE=str(built_office)) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def web(browser: Browser, served: Office) -> AsyncIterator[Web]:
    """A browser at that server; at the end nothing may have gone wrong in it."""
    async with open_web(browser, served) as made:
        yield made
