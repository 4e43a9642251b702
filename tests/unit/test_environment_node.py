"""Node: the system's when it is new enough, else a wheel; packages follow their lock."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from scripts import environment
from scripts.environment import NODE_STAMP, find_program, is_node_usable


@pytest.mark.parametrize(
    "said, usable",
    [
        ("v20.19.0", True),
        ("v20.20.2", True),
        ("v24.0.1", True),
        ("v20.18.9", False),
        ("v18.20.4", False),
        ("v9.99.0", False),
        ("", False),
        ("20.19.0", False),
        ("node: not found", False),
    ],
)
def test_only_a_new_enough_node_is_used(said: str, *, usable: bool) -> None:
    assert is_node_usable(said) is usable


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    font = tmp_path / "font.ttc"
    assert find_program(str(font)) is None
    font.touch()
    assert find_program(str(font)) == str(font)


def test_without_a_usable_node_the_locked_wheel_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An old node first on the PATH is passed over, and asked no second time."""
    old, venv = tmp_path / "old", tmp_path / "venv"
    for folder in (old, venv / "bin"):
        folder.mkdir(parents=True)
    for name in ("node", "npm"):
        write_program(old / name, "echo v18.0.0")
    installed: list[Path] = []

    def pip_install(_python: Path, lock: Path) -> None:
        installed.append(lock)
        write_program(venv / "bin" / "node", "echo v24.1.0")

    monkeypatch.setenv("PATH", f"{old}:/usr/bin:/bin")
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "_pip_install", pip_install)
    monkeypatch.setattr(environment, "ensure", lambda **_: venv / "bin" / "python")
    assert environment.ensure_node() == venv / "bin"
    assert environment.ensure_node() == venv / "bin"
    assert installed == [environment.NODE_LOCK]
    assert "installing Node" in capsys.readouterr().out


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Node folder under a root of its own, with a package of its own beside it."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    made = tmp_path / "pages"
    (made / "dep").mkdir(parents=True)
    (made / "dep" / "package.json").write_text('{"name": "dep", "version": "1.0.0"}')
    write_lock(made, "file:dep")
    return made


def test_node_packages_follow_their_lock(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = environment.ensure_node_modules(folder)
    assert shutil.which("npm", path=environ["PATH"])
    assert (folder / "node_modules" / "dep" / "package.json").exists()
    assert "Node packages of pages" in capsys.readouterr().out
    mark = folder / "node_modules" / "mark"
    mark.touch()
    environment.ensure_node_modules(folder)  # the same lock: nothing to do
    assert mark.exists()
    assert capsys.readouterr().out == ""
    lock = folder / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    environment.ensure_node_modules(folder)  # another: all anew
    assert not mark.exists()
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    assert (folder / NODE_STAMP).read_text() == wanted


def test_packages_that_cannot_be_had_say_why(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lock(folder, "file:absent")
    (folder / "package.json").write_text('{"name": "pages", "dependencies": {"x": "1"}}')
    with pytest.raises(SystemExit) as left:
        environment.ensure_node_modules(folder)
    assert left.value.code == 1
    said = capsys.readouterr().err
    assert "npm ci (pages)" in said
    assert "npm error" in said
    assert not (folder / NODE_STAMP).exists()


def write_program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def write_lock(folder: Path, source: str) -> None:
    own = {"name": "pages", "version": "1.0.0", "dependencies": {"dep": source}}
    place = source.removeprefix("file:")
    packages = {
        "": own,
        place: {"version": "1.0.0"},
        "node_modules/dep": {"resolved": place, "link": True},
    }
    (folder / "package.json").write_text(json.dumps(own))
    lock = {"name": "pages", "version": "1.0.0", "lockfileVersion": 3, "packages": packages}
    (folder / "package-lock.json").write_text(json.dumps(lock))
