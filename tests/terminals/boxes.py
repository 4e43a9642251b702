"""A box that is to become a terminal, with folders in place of /etc."""

from __future__ import annotations

import contextlib
import os
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qr_terminals.install import provision
from tests.terminals.standin import TOKEN, Standin


@dataclass
class Box:
    """A box with a scanner on a pseudo-terminal, and folders in place of /etc."""

    folder: Path
    url: str
    port: str
    said: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def run(self, *words: str, code: str | None = None) -> int:
        """Run the command; what it said stays in `said`."""
        self.said.clear()
        first = [f"xm1:{self.url}|{TOKEN}" if code is None else code]
        folders = ["--unit-folder", str(self.folder / "units"), "--rules-folder",
                   str(self.folder / "rules")]  # fmt: skip
        whole = [*first, "--home", str(self.home), *folders, *(words or ("--serial", self.port))]
        return provision.provision(provision.read_wish(whole), self.said.append, time.time)

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    @property
    def red(self) -> set[str]:
        """The words of the findings that are red."""
        return {line.split(":")[0].split()[-1] for line in self.said if line.startswith("  ✘")}


@contextlib.contextmanager
def open_box(folder: Path, standin: Standin) -> Iterator[Box]:
    """A box and a live server."""
    standin.is_live = True
    wire, port = os.openpty()
    tty.setraw(port)
    for name in ("units", "rules"):
        (folder / name).mkdir()
    yield Box(folder, standin.url, os.ttyname(port))
    os.close(wire)
    os.close(port)
