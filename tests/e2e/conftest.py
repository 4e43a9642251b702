"""A school with phones, once for each pytest process, and phones for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.rig.phone import Phone, new_phone, open_browser
from tests.rig.preview import School, open_school

NewPhone = Callable[..., Awaitable[Phone]]


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """The server, its people and its WeChat."""
    with open_school(tmp_path_factory.mktemp("school")) as opened:
        yield opened


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of this test's own."""
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture
async def new(browser: Browser, school: School) -> AsyncIterator[NewPhone]:
    """Makes phones; at the end none of them may have complained."""
    phones: list[Phone] = []

    async def make(**words: Any) -> Phone:
        phone = await new_phone(browser, school.preview_url, school.address(), **words)
        phone.state |= school.phone_state()
        phones.append(phone)
        return phone

    yield make
    for phone in phones:
        assert await phone.faults() == []
