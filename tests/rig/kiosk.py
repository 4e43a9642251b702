"""A kiosk as it stands in a hall: its own process, a scanner, a print system, a server to ask."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import make_store
from backend.usecases.epochs.open_epochs import open_epochs
from campus_code import MealPeriod
from simulators.lunch.scanner import Scanner
from tests.rig.hall import HALL_GROUP, build_hall, shown_by, token_of
from tests.rig.office import Hand, Office, Student, open_office
from tests.rig.process import ROOT
from tests.rig.shop import Shop

START_SECONDS_MAX = 20.0
ALL_DAY = MealPeriod("lunch", "午餐", "Lunch", 0, 1440)
"""The windows take money whenever the test runs."""
LP = """#!/bin/sh
test -e "{folder}/jammed" && {{ echo "lp: The printer is out of paper." >&2; exit 1; }}
echo "$@" >> "{folder}/words"
cat > "{folder}/printed"
"""
LPSTAT = """#!/bin/sh
echo "system default destination: hall"
"""


@dataclass
class PrintSystem:
    """`lp` and `lpstat` as programs of their own; what was printed last is in a file."""

    folder: Path

    def install(self) -> None:
        """Put both where a PATH finds them."""
        for name, text in (("lp", LP), ("lpstat", LPSTAT)):
            program = self.folder / name
            program.write_text(text.format(folder=self.folder))
            program.chmod(0o755)

    @property
    def printed(self) -> str:
        """The last slip."""
        return (self.folder / "printed").read_text("utf-8")

    def jam(self) -> None:
        """From now on it prints nothing and says why."""
        (self.folder / "jammed").touch()

    def repair(self) -> None:
        """It prints again."""
        (self.folder / "jammed").unlink()


@dataclass
class KioskProcess:
    """`python -m qr_terminals kiosk` and what stands around it."""

    shop: Shop
    home: Path
    scanner: Scanner
    printer: PrintSystem
    url: str = ""
    process: asyncio.subprocess.Process | None = None
    said: list[str] = field(default_factory=list)

    @property
    def office(self) -> Office:
        """The server."""
        return self.shop.office

    async def start(self, *words: str) -> None:
        """Run it until its page answers."""
        environ = {**os.environ, "PATH": f"{self.printer.folder}:{os.environ['PATH']}"}
        self.process = await asyncio.create_subprocess_exec(
            *_program("kiosk", "--home", str(self.home), "--serial", self.scanner.path),
            *("--port", "0", *words),
            cwd=ROOT,
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(START_SECONDS_MAX):
            line = (await self.process.stdout.readline()).decode()
        self.said.append(line)
        assert "http://" in line, line
        self.url = line.partition("page: ")[2].strip()

    async def stop(self, number: int = signal.SIGTERM) -> None:
        """End it, and keep what it said."""
        if self.process is None:
            return
        self.process.send_signal(number)
        rest, _ = await self.process.communicate()
        self.said.append(rest.decode())
        self.process = None

    async def show(self, student: Student) -> str:
        """Hold a phone before the scanner, with a code nobody has used; the code."""
        self.office.clock.now = max(self.office.clock.now + 15, time.time())
        code = shown_by(student, self.office.at)
        await asyncio.to_thread(self.scanner.scan, code)
        return code


@asynccontextmanager
async def open_kiosk(folder: Path, template: Path) -> AsyncIterator[KioskProcess]:
    """A server with the clock of now, a hall, and an enrolled kiosk that is not running yet."""
    shutil.copyfile(template, folder / "xiaoma.sqlite3")
    url = f"sqlite://{folder / 'xiaoma.sqlite3'}"
    async with open_office(url, folder, Hand(time.time())) as office:
        await open_epochs(office.parts.vault, os.urandom, office.at, office.parts.bus)
        await office.parts.keyrings.refresh()
        await build_hall(office, periods=(ALL_DAY,))
        ledger = Ledger(make_store(DatabaseUrl.parse(url)), office.clock, "kiosk")
        await ledger.open()
        printer = PrintSystem(folder / "cups")
        printer.folder.mkdir()
        printer.install()
        kiosk = KioskProcess(Shop(office, url, ledger), folder / "home", Scanner(), printer)
        try:
            await _enrol(kiosk)
            yield kiosk
        finally:
            await kiosk.stop()
            kiosk.scanner.unplug()
            await ledger.close()


async def _enrol(kiosk: KioskProcess) -> None:
    address = str(kiosk.office.http.base_url).rstrip("/")
    text = f"xm1:{address}|{await token_of(kiosk.office, HALL_GROUP.id)}"
    words: Sequence[str] = _program("enrol", text, "--home", str(kiosk.home))
    done = await asyncio.create_subprocess_exec(
        *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await done.communicate()
    assert done.returncode == 0, out.decode()


def _program(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "qr_terminals", *words)
