"""The key file of a new school: made once, private, never overwritten."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from backend.gateways.vault import FileVault
from scripts import make_keys


def test_a_key_file_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new folder" / "server.keys"
    assert make_keys.main(["--file", str(path)]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    vault = FileVault(path)
    assert vault.open(vault.seal(b"secret", "context"), "context") == b"secret"
    said = capsys.readouterr().out
    assert str(path) in said
    before = path.read_bytes()
    assert make_keys.main(["--file", str(path)]) == 1
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["server.keys"], "a draft was left"


def test_it_is_made_where_the_server_will_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIAOMA_KEY_FILE", str(tmp_path / "keys"))
    assert make_keys.main([]) == 0
    assert (tmp_path / "keys").is_file()


def test_a_place_where_it_cannot_be_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    assert make_keys.main(["--file", str(tmp_path / "file" / "keys")]) == 2
    assert "cannot be made" in capsys.readouterr().err
