"""One canteen window: a terminal process, its scanner, and whoever types the amounts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulators.lunch.campus import Place
from simulators.lunch.children import Child, ChildError, run_to_end
from simulators.lunch.plan import CUT
from simulators.lunch.scanner import Scanner
from simulators.lunch.witness import Witness, scan_hash

SYNC_SECONDS = "1"
READY_SECONDS = 20.0
RESULT_SECONDS = 15.0
DRAIN_POLL_SECONDS = 0.3
VERDICTS = frozenset(("approved", "refused", "fault", "revoked", "not_ready", "busy"))

Line = dict[str, Any]


ALONE = ("--no-neighbours",)
"""The window whose cable is pulled hears nobody: what it can not know is what the lunch shows."""
ON_THIS_MACHINE = ("--neighbours-interface", "127.0.0.1")


class NoAnswerError(Exception):
    """A screen showed nothing within the time a queue would wait."""


class Window:
    """Window number `number`, counted from 0. Only one coroutine drives it at a time."""

    def __init__(self, number: int, place: Place, folder: Path, witness: Witness) -> None:
        """Nothing is started; `folder` is the demo's own."""
        self.number = number
        self.place = place
        self.state = "starting"
        self.served = 0
        self._witness = witness
        self._folder = folder
        self._home = folder / f"terminal-{number + 1}"
        self._scanner = Scanner()
        self._child = Child(
            f"terminal-{number + 1}",
            [
                *("qr_terminals", "--home", str(self._home), "--serial", self._scanner.path),
                *("--plain", "--sync-seconds", SYNC_SECONDS),
                *(ALONE if number == CUT else ON_THIS_MACHINE),
            ],
            folder,
        )
        self._lines: asyncio.Queue[Line | None] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self._armed_fen: int | None = None

    # ------------------------------------------------------------------------------ life

    async def enrol(self, token: str) -> int:
        """Enrol the device with a one-time code; the number the server gave it."""
        words = ["qr_terminals", "enrol", token, "--home", str(self._home)]
        await run_to_end(f"enrol-{self.number + 1}", words, self._folder)
        identity = json.loads((self._home / "terminal.json").read_text(encoding="utf-8"))
        return int(identity["terminal_id"])

    async def start(self) -> None:
        """Start the terminal; returns when it takes scans."""
        self._armed_fen = None
        self._lines = asyncio.Queue()
        await self._child.start(is_piped=True)
        self._reading = asyncio.create_task(self._read())
        await self.expect(lambda line: line.get("event") == "ready", READY_SECONDS)

    async def kill_and_restart(self) -> None:
        """SIGKILL, as a power cut of the box would be; then it is switched on again."""
        self.state = "restarting"
        self._witness.notes.kills[self.number] += 1
        await self._child.kill()
        await self._finish_reading()
        await self.start()
        self.state = "online"

    async def stop(self) -> None:
        """End the terminal and unplug the scanner."""
        await self._child.stop()
        await self._finish_reading()
        self._scanner.unplug()

    async def _finish_reading(self) -> None:
        if self._reading is not None:
            await self._reading
            self._reading = None

    # ----------------------------------------------------------------------------- people

    async def type_amount(self, fen: int) -> None:
        """The cashier types an amount, and sees it on the screen."""
        if self._armed_fen != fen:
            await self._type(f"amount {fen}")
            await self.expect(
                lambda line: line.get("result") == "waiting" and line.get("amount_fen") == fen
            )

    def hold_up(self, text: str) -> None:
        """Somebody holds a picture in front of the scanner; returns at once."""
        self._scanner.scan(text)

    async def show(self, text: str) -> Line:
        """Hold a picture up and wait for what the screen says to it."""
        self.hold_up(text)
        scan = scan_hash(text)
        return await self.expect(
            lambda line: line.get("scan") == scan and line.get("result") in VERDICTS
        )

    async def void(self) -> Line:
        """The cashier takes the last payment back."""
        await self._type("void")
        return await self.expect(
            lambda line: line.get("result") in {"voided", "nothing_to_void", "fault"}
        )

    async def drain(self, seconds: float) -> None:
        """Wait until the terminal says that nothing waits for the server any more."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            await self._type("status")
            status = await self.expect(lambda line: line.get("event") == "status")
            if status["journal_depth"] == 0 and status["confirmed_through"] == status["sequence"]:
                # two more contacts: one may be on its way, the other reports the last refusals
                for _ in range(2):
                    await self.expect(lambda line: line.get("event") == "synced")
                return
            if asyncio.get_running_loop().time() > deadline:
                depth = status["journal_depth"]
                raise NoAnswerError(f"{self.place.merchant}: {depth} records were not uploaded")
            await asyncio.sleep(DRAIN_POLL_SECONDS)

    # ------------------------------------------------------------------------------ inside

    async def expect(
        self, is_wanted: Callable[[Line], bool], seconds: float = RESULT_SECONDS
    ) -> Line:
        """The next line that is wanted; what is on the screen meanwhile goes by.

        Raises NoAnswerError when none comes in time, ChildError when the terminal has ended.
        """
        try:
            async with asyncio.timeout(seconds):
                while (line := await self._lines.get()) is not None:
                    if is_wanted(line):
                        return line
        except TimeoutError:
            raise NoAnswerError(f"{self.place.merchant}: no answer in {seconds:.0f} s") from None
        raise self._child.complain("已退出 · has ended")

    async def _type(self, text: str) -> None:
        pipe = self._child.process.stdin
        if pipe is None:
            raise ChildError(f"{self._child.name} has no keyboard")
        pipe.write(text.encode() + b"\n")
        await pipe.drain()

    async def _read(self) -> None:
        """Read the screen until the program ends; a line without its end was never shown."""
        screen = self._child.process.stdout
        if screen is None:
            raise ChildError(f"{self._child.name} has no screen")
        with (self._folder / f"screen-{self.number + 1}.jsonl").open("ab") as kept:
            async for raw in screen:
                if not raw.endswith(b"\n"):
                    break
                kept.write(raw)
                kept.flush()
                line: Line = json.loads(raw)
                self._note(line)
                self._lines.put_nowait(line)
        self._lines.put_nowait(None)

    def _note(self, line: Line) -> None:
        if line.get("event") == "sync_failed" and self.state == "online":
            self.state = "offline"
        elif line.get("event") == "synced" and self.state in {"offline", "starting"}:
            self.state = "online"
        elif line.get("event") == "shown":
            self._witness.sees(self.number, line)
            if line["result"] in {"approved", "waiting", "refused"} and not line.get("again"):
                self._armed_fen = line.get("amount_fen")
