"""A terminal and its stand-in server, as in `tests/terminals`, and a folder quick to write."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminals.conftest import campus, offline_rig, rig, standin

__all__ = ["campus", "offline_rig", "rig", "standin"]

MEMORY = Path("/dev/shm")


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, for what is opened thousands of times and needs no true disk."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="xm-faults-", dir=MEMORY) as name:
        yield Path(name)
