"""A school and a browser, once for each pytest process, and phones for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.rig.phone import Phone, new_phone, open_browser
from tests.rig.preview import School, open_school

HERE = Path(__file__).parent
NewPhone = Callable[..., Awaitable[Phone]]


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """The server, its people and its WeChat."""
    with open_school(tmp_path_factory.mktemp("school")) as opened:
        yield opened


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every test of this folder run where the browser was started: in the session's loop."""
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser of this pytest process: starting one takes longer than most tests."""
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """The browser with nothing open; what a test opened ends with it, storage and all."""
    yield chromium
    for context in chromium.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
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
