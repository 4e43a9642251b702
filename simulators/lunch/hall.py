"""The demo's hall: a kiosk with its page in a browser, and a door whose lock is none.

Open after the lunch, like the till. A line on the demo's own console brings somebody: to the kiosk,
whose page then shows what he sees, or to the door, which says on the console what it did.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from campus_code import Door, DoorRules, Opening, Refusal, RefusedError, Zone, door_rules_to_json
from simulators.lunch.children import Child, ChildError, run_to_end
from simulators.lunch.phones import AnswerError, Phone
from simulators.lunch.scanner import Scanner
from simulators.lunch.till import Desk, next_line, queue_of

COMING = 4
"""People who come to the hall; they come again and again."""
START_SECONDS = 20.0
SYNC_SECONDS = "1"
HALL_GROUP = "hall"
LIBRARY = 1
ALWAYS = (0, 1, 2, 3, 4, 5, 6, 7)
KIOSK_URL = "page: "
TYPED_BYTES_MAX = 1024
REFUSALS = {one.value: one for one in Refusal}
IDLE_SECONDS = "120"
"""A demo's visitor may be looked at for longer than a real one stands there."""


@dataclass(slots=True)
class Hall:
    """What stands in the hall. `url` is the kiosk's page, "" where the hall could not be opened."""

    url: str = ""
    _kiosk: Scanner | None = None
    _door: Scanner | None = None
    _people: Iterator[Phone] = field(default_factory=lambda: iter(()))
    _shown: str = ""

    def to_kiosk(self) -> None:
        """Somebody shows a code at the kiosk."""
        if self._kiosk is not None:
            phone = next(self._people)
            self._kiosk.scan(phone.code(phone.now()))

    def to_door(self) -> None:
        """Somebody shows a code at the door; every second one a screenshot of the one before."""
        if self._door is None:
            return
        if self._shown:
            code, self._shown = self._shown, ""
        else:
            phone = next(self._people)
            code = self._shown = phone.code(phone.now())
        self._door.scan(code)


@contextlib.asynccontextmanager
async def open_hall(desk: Desk, console: Console) -> AsyncIterator[Hall]:
    """Kiosk and door; when they cannot be opened it costs the demo nothing else."""
    async with contextlib.AsyncExitStack() as stack:
        hall = Hall()
        try:
            await _open(stack, hall, desk, console)
        except (AnswerError, ChildError, OSError, TimeoutError, httpx.HTTPError) as error:
            console.print(f"没有大厅 · no hall: {error}", markup=False)
            hall = Hall()
        yield hall


async def _open(stack: contextlib.AsyncExitStack, hall: Hall, desk: Desk, console: Console) -> None:
    folder, office = desk.folder, desk.office
    await office.log_in()
    people = await queue_of(desk, COMING)
    place = desk.handout.places[0]
    homes = {name: folder / f"terminal-{name}" for name in ("kiosk", "door")}
    for name, home in homes.items():
        # a terminal of the hall is sent no keys, and a door needs them
        group_id = HALL_GROUP if name == "kiosk" else place.group_id
        token = await office.enrolment(name, place.merchant_id, group_id)
        await run_to_end(
            f"enrol-{name}", ["qr_terminals", "enrol", token, "--home", str(home)], folder
        )
    await office.publish_doors(door_rules_to_json(_doors(_terminal_id(homes["door"]))))
    kiosk, door = Scanner(), Scanner()
    stack.callback(kiosk.unplug)
    stack.callback(door.unplug)
    url = await _start_kiosk(stack, homes["kiosk"], kiosk, folder)
    await _start_door(stack, homes["door"], door, folder, console)
    hall.url, hall._kiosk, hall._door = url, kiosk, door  # noqa: SLF001 - made here
    hall._people = itertools.cycle(people)  # noqa: SLF001


def _terminal_id(home: Path) -> int:
    told = json.loads((home / "terminal.json").read_text(encoding="utf-8"))
    return int(told["terminal_id"])


def _doors(terminal_id: int) -> DoorRules:
    """A library that is open to everybody at any hour."""
    opening = Opening((1, 2, 3), False, ALWAYS, 0, 24 * 60)
    library = Zone("图书馆", "Library", (opening,))
    return DoorRules(8 * 3600, {}, {LIBRARY: library}, {terminal_id: Door(LIBRARY, "safe")})


async def _start_kiosk(
    stack: contextlib.AsyncExitStack, home: Path, scanner: Scanner, folder: Path
) -> str:
    words = ["kiosk", "--home", str(home), "--serial", scanner.path, "--port", "0"]
    kiosk = Child("kiosk", ["qr_terminals", *words, "--idle-seconds", IDLE_SECONDS], folder)
    await kiosk.start(is_piped=True)
    stack.push_async_callback(kiosk.stop)
    said = kiosk.process.stdout
    async with asyncio.timeout(START_SECONDS):
        line = b"" if said is None else await said.readline()
    url = line.decode().partition(KIOSK_URL)[2].strip()
    if not url:
        raise kiosk.complain("没有启动 · did not start")
    return url


async def _start_door(
    stack: contextlib.AsyncExitStack,
    home: Path,
    scanner: Scanner,
    folder: Path,
    console: Console,
) -> None:
    words = ["door", "--home", str(home), "--serial-in", scanner.path, "--lock", "simulated"]
    words += ["--plain", "--sync-seconds", SYNC_SECONDS]
    door = Child("door", ["qr_terminals", *words], folder)
    await door.start(is_piped=True)
    stack.push_async_callback(door.stop)
    screen = door.process.stdout
    if screen is None:
        raise door.complain("没有屏幕 · has no screen")
    async with asyncio.timeout(START_SECONDS):
        while (line := await next_line(screen)).get("event") != "synced":
            if not line:
                raise door.complain("没有启动 · did not start")
    telling = asyncio.create_task(_tell(screen, console))
    stack.callback(telling.cancel)


async def _tell(screen: asyncio.StreamReader, console: Console) -> None:
    """Say on the console what the door did, until it ends."""
    while line := await next_line(screen):
        if line.get("event") == "shown" and line["result"] != "waiting":
            console.print(f"门 · door: {_said(line)}", markup=False)


def _said(line: dict[str, Any]) -> str:
    if "reason" in line:
        refused = RefusedError(REFUSALS[line["reason"]], **line.get("evidence", {}))
        return f"✘ 未开 {refused.sentence('zh')} · shut: {refused.sentence('en')}"
    if line.get("again"):
        return "✔ 同一个码，刚才已开 · the same code, it is open already"
    if line["result"] == "admitted":
        return f"✔ 开锁，尾号 {line.get('last_four', '')} · open"
    return str(line["result"])


def follow_console(orders: Mapping[str, Callable[[], None]]) -> None:
    """Obey what is typed, a word a line, until nothing more can be; other words do nothing."""
    loop = asyncio.get_running_loop()
    typed = bytearray()

    def read() -> None:
        piece = os.read(0, TYPED_BYTES_MAX)  # not sys.stdin: it would keep lines to itself
        if not piece:
            loop.remove_reader(0)
        typed.extend(piece)
        *lines, rest = typed.split(b"\n")
        typed[:] = rest[-TYPED_BYTES_MAX:]
        for line in lines:
            order = orders.get(line.decode(errors="replace").strip())
            if order is not None:
                order()

    with contextlib.suppress(OSError):  # a file, or nothing: nobody types there
        loop.add_reader(0, read)
