"""A school whose books are re-added from raw rows when a test is through with it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from backend.usecases.ledger.verify_ledger import verify_ledger
from tests.rig.campus import Campus
from tests.rig.raw_books import assert_sound


@pytest_asyncio.fixture
async def audited(campus: Campus, migrated_url: str) -> AsyncIterator[Campus]:
    """A small school; after the test its books must be right, by two counts of their own."""
    yield campus
    assert_sound(migrated_url, campus.sent)
    report = await verify_ledger(campus.ledger)
    assert (report.findings, report.residual_fen) == ([], 0)
