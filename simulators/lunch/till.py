"""The demo's till: one more window, open after the lunch, with the cashier's page in a browser.

Whoever opens the page is the cashier. A moment after an amount is asked for, somebody in the queue
holds a phone in front of the scanner.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from simulators.lunch.campus import Handout
from simulators.lunch.children import Child, ChildError, run_to_end
from simulators.lunch.phones import AnswerError, Office, Phone
from simulators.lunch.scanner import Scanner

QUEUE = 8
"""People in the queue; they come again and again."""
COMING_SECONDS = 2.0
PAGE_SECONDS = 20.0
HTTP_SECONDS = 20.0
SYNC_SECONDS = "1"
MENU_GROUP = "buffet"


@dataclass(frozen=True, slots=True)
class Desk:
    """The office after the lunch, for whoever opens a place then."""

    folder: Path
    handout: Handout
    http: httpx.AsyncClient
    office: Office


@contextlib.asynccontextmanager
async def open_desk(folder: Path, server_url: str) -> AsyncIterator[Desk]:
    """A desk at this server; nobody has logged in yet."""
    handout = Handout.read(folder)
    async with httpx.AsyncClient(
        base_url=server_url, timeout=HTTP_SECONDS, trust_env=False
    ) as http:
        yield Desk(folder, handout, http, Office(http, handout.admin))


@contextlib.asynccontextmanager
async def open_till(desk: Desk, console: Console) -> AsyncIterator[str]:
    """The page's address, "" when there is none: it costs the demo nothing else."""
    async with contextlib.AsyncExitStack() as stack:
        url = ""
        try:
            url = await _open(stack, desk)
        except (AnswerError, ChildError, OSError, TimeoutError, httpx.HTTPError) as error:
            console.print(f"没有收银页面 · no cashier's page: {error}", markup=False)
        yield url


async def _open(stack: contextlib.AsyncExitStack, desk: Desk) -> str:
    folder = desk.folder
    queue = await queue_of(desk, QUEUE)
    place = next(one for one in desk.handout.places if one.group_id == MENU_GROUP)
    await desk.office.log_in()
    token = await desk.office.enrolment(place.merchant, place.merchant_id, place.group_id)
    home = str(folder / "terminal-till")  # one of its own: a cable of the lunch's is cut by now
    await run_to_end("enrol-till", ["qr_terminals", "enrol", token, "--home", home], folder)
    scanner = Scanner()
    stack.callback(scanner.unplug)
    words = ["--home", home, "--serial", scanner.path, "--sync-seconds", SYNC_SECONDS]
    till = Child("till", ["qr_terminals", *words, "--plain", "--page", "0"], folder)
    await till.start(is_piped=True)
    stack.push_async_callback(till.stop)
    screen = till.process.stdout
    if screen is None:
        raise till.complain("没有屏幕 · has no screen")
    async with asyncio.timeout(PAGE_SECONDS):
        while (line := await next_line(screen)).get("event") != "page":
            if not line:
                raise till.complain("没有启动 · did not start")
    playing = asyncio.create_task(_play(screen, scanner, queue))
    stack.callback(playing.cancel)
    return str(line["url"])


async def queue_of(desk: Desk, count: int) -> list[Phone]:
    """The last people who did not come yet: their slips were never used."""
    phones: list[Phone] = []
    for place, person in reversed(list(enumerate(desk.handout.people))):
        phone = Phone(person, place, desk.http)
        with contextlib.suppress(AnswerError):  # this slip was used at the lunch
            await phone.bind()
            phones.append(phone)
        if len(phones) == count:
            break
    if not phones:
        raise AnswerError("nobody is left to come")
    return phones


async def _play(screen: asyncio.StreamReader, scanner: Scanner, queue: Sequence[Phone]) -> None:
    """Read the screen until the program ends; when an amount stands on it, the next one comes."""
    people = itertools.cycle(queue)
    coming: asyncio.Task[None] | None = None
    while line := await next_line(screen):
        if line.get("event") != "shown":
            continue
        if coming is not None:
            coming.cancel()  # the cashier goes on typing
        if line["result"] == "waiting" and line.get("amount_fen"):
            coming = asyncio.create_task(_come(scanner, next(people)))


async def _come(scanner: Scanner, phone: Phone) -> None:
    await asyncio.sleep(COMING_SECONDS)
    scanner.scan(phone.code(phone.now()))


async def next_line(screen: asyncio.StreamReader) -> dict[str, Any]:
    """The next line of the screen; nothing when the program has ended."""
    raw = await screen.readline()
    line: dict[str, Any] = json.loads(raw) if raw else {}
    return line
