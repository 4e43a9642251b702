"""Fixtures of the terminal tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminals.bench import Rig
from tests.terminals.campus import Campus
from tests.terminals.standin import Standin


@pytest.fixture
def campus() -> Campus:
    return Campus()


@pytest.fixture
def standin(campus: Campus) -> Iterator[Standin]:
    server = Standin(campus)
    yield server
    server.close()


@pytest.fixture
def rig(standin: Standin, tmp_path: Path) -> Iterator[Rig]:
    """A terminal that has synced once and shows nothing yet."""
    rig = Rig(standin.url, tmp_path / "home", standin.campus.at)
    rig.sync()
    rig.lines()
    yield rig
    rig.close()


@pytest.fixture
def offline_rig(rig: Rig, standin: Standin) -> Rig:
    """The same terminal, its network cut after the first sync."""
    standin.is_down = True
    return rig
