"""A WeChat Pay for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.rig.wechat_pay import SimulatedPay, open_pay


@pytest_asyncio.fixture
async def pay(tmp_path: Path) -> AsyncIterator[SimulatedPay]:
    """The simulator, a gateway to it and its notice addresses."""
    async with open_pay(tmp_path) as simulated:
        yield simulated
