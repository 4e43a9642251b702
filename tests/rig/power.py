"""
Power cuts: what a disk may hold of what was written to it and not yet made durable.

A journal's program runs under strace, which lists its writes, truncations and syncs, and what it
showed, in the order in which they happened. Whatever had been synced is there after a cut; of the
writes since then any may be there, whole, in part, or not at all, in any order.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qr_terminals.journal import JOURNAL_FILE, Journal

ROOT = Path(__file__).parents[2]
SECTOR_BYTES = 512  # what a disk writes whole
CALLS = "pwrite64,ftruncate,fdatasync,fsync,write"
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((\d+)<([^>]*)>(?:, )?(.*)\) = (-?\d+)")
SHOWN = "shown"
DRIVER = "tests.faults.terminals.writing_driver"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the program did: `kind` write, cut, sync or shown."""

    kind: str
    file: str = ""
    at: int = 0
    content: bytes = b""


@dataclass
class Disk:
    """One disk: what is durable of each file, and what has been written to it since."""

    durable: dict[str, bytes]
    pending: dict[str, list[Step]] = field(default_factory=dict)
    shown: int = 0

    def take(self, step: Step) -> None:
        """Let the program do one more thing."""
        if step.kind == SHOWN:
            self.shown += 1
        elif step.kind == "sync":
            whole = self.durable.get(step.file, b"")
            for one in self.pending.pop(step.file, []):
                whole = _changed(whole, one)
            self.durable[step.file] = whole
        else:
            self.pending.setdefault(step.file, []).append(step)

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files as somebody might find them who switches it on again."""
        found = dict(self.durable)
        for name, steps in self.pending.items():
            left = [one for one in steps if chance.random() < chance.choice((0.1, 0.5, 0.9))]
            for one in left:
                found[name] = _changed(found.get(name, b""), _torn(one, chance))
        return found


def _torn(step: Step, chance: random.Random) -> Step:
    if step.kind != "write" or chance.random() < 0.7:
        return step
    sectors = len(step.content) // SECTOR_BYTES
    return Step(
        "write", step.file, step.at, step.content[: SECTOR_BYTES * chance.randint(0, sectors)]
    )


def _changed(whole: bytes, step: Step) -> bytes:
    if step.kind == "cut":
        return whole[: step.at].ljust(step.at, b"\0")
    return (
        whole[: step.at].ljust(step.at, b"\0") + step.content + whole[step.at + len(step.content) :]
    )


def trace(folder: Path, records: int) -> tuple[dict[str, bytes], list[Step]]:
    """Write so many records under strace; the files before, and everything it then did."""
    Journal(folder / JOURNAL_FILE).close()
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    strace = shutil.which("strace")
    assert strace, "strace is wanted for this (apt-get install strace)"
    log = folder.with_name("strace.log")
    subprocess.run(
        [
            strace, "-f", "-qq", "-y", "-xx", "-s", "100000", "-e", f"trace={CALLS}",
            "-o", str(log),
            sys.executable, "-m", DRIVER, str(folder), str(records),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )  # fmt: skip
    return before, list(_steps(log.read_text("ascii"), folder))


def _steps(log: str, folder: Path) -> Iterator[Step]:
    for line in log.splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        call, number, path, rest = match[1], int(match[2]), _text(match[3]), match[4]
        if call == "write" and number == 1:
            yield Step(SHOWN)
        elif Path(path).parent == folder and not path.endswith("-shm"):
            yield from _of_file(call, Path(path).name, rest)


def _of_file(call: str, name: str, rest: str) -> Iterator[Step]:
    if call in ("fdatasync", "fsync"):
        yield Step("sync", name)
    elif call == "ftruncate":
        yield Step("cut", name, int(rest))
    elif call == "pwrite64":
        quoted, _length, at = rest.rsplit(", ", 2)
        yield Step("write", name, int(at), _raw(quoted.strip('"')))
    else:
        raise AssertionError(f"{call} of {name}: a write of unknown place")


def _raw(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _text(escaped: str) -> str:
    return _raw(escaped).decode() if escaped.startswith("\\x") else escaped


def cuts(folder: Path, count: int, seed: int, records: int) -> Iterator[tuple[int, Path]]:
    """So many power cuts at moments and with remains of chance: what was shown, and the journal."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="xm-power-") as name:
        written = Path(name) / "home"
        written.mkdir()
        before, steps = trace(written, records)
    assert sum(step.kind == SHOWN for step in steps) == records
    for moment in sorted(chance.randrange(len(steps) + 1) for _ in range(count)):
        disk = Disk(dict(before))
        for step in steps[:moment]:
            disk.take(step)
        for old in folder.iterdir():
            old.unlink()
        for file, content in disk.after_cut(chance).items():
            (folder / file).write_bytes(content)
        yield disk.shown, folder / JOURNAL_FILE
