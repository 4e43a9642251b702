"""A kiosk as it stands in a hall: its own process, a scanner, a print system, a server to ask."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import make_store
from backend.usecases.epochs.open_epochs import open_epochs
from campus_code import MealPeriod
from qr_terminals.client import Client
from qr_terminals.config import read_identity
from qr_terminals.enrol import enrol
from qr_terminals.keys import load_keys
from qr_terminals.kiosk import Hall, Printer, Visitors, kiosk_routes
from qr_terminals.page import Feed, PageServer
from simulators.lunch.scanner import Scanner
from tests.rig.clients import new_client
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

    def code(self, student: Student) -> str:
        """What a phone shows a step later: a code nobody has used."""
        self.office.clock.now += 15
        return shown_by(student, self.office.at)

    async def show(self, student: Student) -> None:
        """Hold a phone before the scanner."""
        await asyncio.to_thread(self.scanner.scan, self.code(student))


@dataclass
class Inside:
    """The same program's parts in this process, with a clock that a test moves."""

    hall: Hall
    visitors: Visitors
    feed: Feed
    http: httpx.AsyncClient
    clock: Hand

    async def screen(self) -> dict[str, Any]:
        """What every page is told of the screen now."""
        following = self.feed.follow()
        try:
            async for event in following:
                name, _, data = event.decode().partition("\ndata: ")
                if name == "event: screen":
                    facts: dict[str, Any] = orjson.loads(data)
                    return facts
        finally:
            await following.aclose()  # type: ignore[attr-defined]
        raise AssertionError("nothing was ever told of the screen")

    async def ask(self, name: str, **body: object) -> httpx.Response:
        """What the page asks for whoever is here."""
        number = body.pop("visit", None) or (await self.screen()).get("visit")
        return await self.http.post(f"/visit/{name}", json={"visit": number, **body})

    async def scan(self, code: str) -> dict[str, Any]:
        """Show a code; what the screen says then."""
        await asyncio.to_thread(self.visitors.scan, code)
        return await self.screen()


@asynccontextmanager
async def inside(kiosk: KioskProcess, base_url: str = "") -> AsyncIterator[Inside]:
    """Run the parts without the program; `base_url` is where it believes the server to be."""
    identity = read_identity(kiosk.home)
    keys, clock = load_keys(kiosk.home), Hand(0.0)
    url = base_url or identity.base_url
    client = Client(url, identity.terminal_id, keys, lambda: kiosk.office.at)
    feed, hall = Feed(), Hall(client)
    visitors = await asyncio.to_thread(Visitors, hall, feed, clock)
    routes = kiosk_routes(visitors, hall, Printer(), identity.school)
    server = PageServer(0, routes, feed)
    server.start()
    headers = {"origin": server.url.rstrip("/")}
    try:
        async with new_client(server.url, headers=headers, timeout=20) as http:
            yield Inside(hall, visitors, feed, http, clock)
    finally:
        await asyncio.to_thread(server.stop)
        client.close()


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
    await asyncio.to_thread(enrol, text, kiosk.home, kiosk.office.at)


def _program(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "qr_terminals", *words)
