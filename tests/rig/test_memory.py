"""Where a run's files go."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.rig.memory import memory_folder, use_memory


def test_a_folder_with_room_is_taken_and_a_small_one_is_not(tmp_path: Path) -> None:
    assert memory_folder(tmp_path, bytes_min=1) == tmp_path
    assert memory_folder(tmp_path, bytes_min=1 << 60) is None
    assert memory_folder(tmp_path / "absent", bytes_min=1) is None


def test_who_has_chosen_a_folder_keeps_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    use_memory()
    assert tempfile.gettempdir() == str(tmp_path)
