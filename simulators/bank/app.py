"""The bank as it listens: a port for each wire, and how each ask is met."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from simulators.bank.books import Books
from simulators.bank.faults import AFTER, GARBAGE, LATE_SECONDS, Faults
from simulators.bank.pos import NoMessageError, Pos
from simulators.bank.texts import Columns, Documents

WIRES: Final = ("pos", "columns", "xml")
FRAME_BYTES_MAX: Final = 65_535
CUT_OVER_HOURS: Final = 1
"""The accounting day ends so many hours before midnight in Beijing."""
BEIJING: Final = timedelta(hours=8)


@dataclass
class Bank:
    """One bank on loopback. `clock` is Unix seconds."""

    clock: Callable[[], float]
    faults: Faults = field(default_factory=Faults)
    ports: dict[str, int] = field(default_factory=dict)
    delay_seconds: float = 0.0
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        """Open the books."""
        self.books = Books(self.clock)
        self.pos = Pos(self.books, self.today)
        self._fronts: dict[str, Pos | Columns | Documents] = {
            "pos": self.pos,
            "columns": Columns(self.books, self.today),
            "xml": Documents(self.books, self.today),
        }
        self._servers: dict[str, asyncio.Server] = {}
        self._lines: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def today(self) -> str:
        """The accounting day, YYYYMMDD."""
        local = datetime.fromtimestamp(self.clock(), UTC) + BEIJING
        return f"{local + timedelta(hours=CUT_OVER_HOURS):%Y%m%d}"

    async def listen(self, wire: str, port: int = 0) -> int:
        """Listen for one wire; 0 takes a free port. Again after `refuse`, on the same port."""
        port = port or self.ports.get(wire, 0)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._serve(wire, reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await task

        server = await asyncio.start_server(serve, "127.0.0.1", port)
        self._servers[wire] = server
        self.ports[wire] = int(server.sockets[0].getsockname()[1])
        return self.ports[wire]

    async def refuse(self, wire: str) -> None:
        """The line is down: nobody is answered, and those who are connected are hung up on."""
        server = self._servers.pop(wire)
        server.close()
        for line in list(self._lines):
            line.close()
        await server.wait_closed()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Stop listening."""
        for wire in list(self._servers):
            await self.refuse(wire)

    async def _serve(
        self, wire: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._lines.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ValueError):
            while await self._one(wire, reader, writer) and wire == "pos":
                pass
        self._lines.discard(writer)
        writer.close()

    async def _one(
        self, wire: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Meet one ask; whether the line goes on."""
        raw = await _read(wire, reader)
        front = self._fronts[wire]
        fault = self.faults.next(front.kind_of(raw))
        if fault == "ask_lost":
            return False
        if fault == "garbage_instead":
            writer.write(GARBAGE)
            await writer.drain()
            return False
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.delay_seconds)
            said = front.answer(raw, fault)
        except NoMessageError:
            return True  # a bank says nothing to what is no message
        finally:
            self.at_once -= 1
        return await _send(wire, said, fault, writer)


async def _send(wire: str, said: bytes, fault: str, writer: asyncio.StreamWriter) -> bool:
    if fault == "answer_lost":
        return False
    if fault == "late_answer":
        await asyncio.sleep(LATE_SECONDS)
    if fault == "false_seal":
        # the MAC is at the end of an 8583 message; a digest's and an XML's body is changed instead
        at = -1 if wire != "xml" else said.rindex(b"</MAC>") - 1
        said = said[:at] + bytes([said[at] ^ 1]) + (said[at + 1 :] if at != -1 else b"")
    framed = GARBAGE if fault == "garbage_after" else _framed(wire, said)
    writer.write(framed[: len(framed) // 2] if fault == "half_answer" else framed)
    await writer.drain()
    return fault not in AFTER


async def _read(wire: str, reader: asyncio.StreamReader) -> bytes:
    if wire == "pos":
        return await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
    length = int(await reader.readexactly(6)) - (6 if wire == "columns" else 0)
    if not 0 < length <= FRAME_BYTES_MAX:
        raise ValueError("a length that is none")
    return await reader.readexactly(length)


def _framed(wire: str, said: bytes) -> bytes:
    if wire == "pos":
        return len(said).to_bytes(2, "big") + said
    return f"{len(said) + (6 if wire == 'columns' else 0):06d}".encode() + said
