"""An update that is cut off anywhere: the commands of docs/faults.md, killed at each system call.

What is run is read from the page itself, so that nobody follows other commands than those tried.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.rig.process import ROOT

CALLS = ("symlinkat", "symlink", "renameat2", "rename", "unlinkat", "unlink")
CALLS_MAX = 20
"""More of one kind than the two commands make; the sweep ends by itself before."""


def commands() -> list[str]:
    """What the page says, without the restart of a service that is not here."""
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(.*?current\.new.*?)```", page, re.DOTALL)
    lines = [line for line in block.strip().splitlines() if not line.startswith("systemctl")]
    assert len(lines) == 2, lines
    return lines


def lay(folder: Path) -> None:
    """Two versions, the link to the old one, and a home with a journal."""
    for name in ("old", "new"):
        (folder / name).mkdir(parents=True)
        (folder / name / "version").write_text(name)
    (folder / "current").symlink_to("old")
    (folder / "home").mkdir()
    (folder / "home" / "journal").write_bytes(bytes(range(256)) * 64)


def version(folder: Path) -> str:
    """What a service that starts now finds behind the link."""
    return (folder / "current" / "version").read_text()


def update(folder: Path, inject: str = "") -> int:
    """Run the commands, under strace when something is to happen; the exit status."""
    shell = ["/bin/sh", "-e", "-c", "\n".join(commands())]
    if inject:
        strace = shutil.which("strace")
        assert strace, "strace is wanted for this test (apt-get install strace)"
        shell = [strace, "-f", "-qq", "-o", os.devnull, "-e", f"inject={inject}", *shell]
    done = subprocess.run(
        shell, cwd=folder, env={**os.environ, "NEW": "new"}, capture_output=True, check=False
    )
    return done.returncode


def test_the_commands_move_over_and_back(tmp_path: Path) -> None:
    lay(tmp_path)
    assert update(tmp_path) == 0
    assert version(tmp_path) == "new"


def test_cut_off_at_every_call_one_version_runs(tmp_path: Path) -> None:
    seen, cuts = set(), 0
    for call in CALLS:
        for k in range(1, CALLS_MAX):
            folder = tmp_path / f"{call}-{k}"
            lay(folder)
            journal = hashlib.sha256((folder / "home" / "journal").read_bytes()).digest()
            status = update(folder, f"{call}:signal=SIGKILL:when={k}")
            seen.add(version(folder))
            again = hashlib.sha256((folder / "home" / "journal").read_bytes()).digest()
            assert again == journal
            if status == 0:  # it makes no such call so often
                break
            cuts += 1
            assert update(folder) == 0, "what was left behind must not stop the next try"
            assert version(folder) == "new"
    assert cuts >= 2
    assert seen == {"old", "new"}
