"""A cable between a store and its database that breaks when told to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

PIECE_BYTES = 1 << 16


class Fault(StrEnum):
    """What happens to the next request that holds the marker."""

    NONE = "none"
    RESET = "reset"
    """The request never arrives; the connection is reset."""
    HALF = "half"
    """Half of the request arrives, then the connection is reset."""
    ANSWER_LOST = "answer_lost"
    """The request is carried out; its answer never comes, the connection is reset."""
    BLACK_HOLE = "black_hole"
    """The request is carried out; nothing comes back and nobody says so."""
    UNHEARD = "unheard"
    """The request is swallowed; nobody says so."""


@dataclass
class FaultProxy:
    """Listens on loopback. `marker` in a request sets off `fault`, `times` times."""

    target_port: int
    port: int = 0
    fault: Fault = Fault.NONE
    marker: bytes = b""
    times: int = 0
    happened: int = 0
    is_cut: bool = False
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def plan(self, fault: Fault, marker: bytes, times: int = 1) -> None:
        """Break at the next so many requests that hold the marker."""
        self.fault, self.marker, self.times = fault, marker, times

    def _take(self, piece: bytes) -> Fault:
        if self.times == 0 or self.marker not in piece:
            return Fault.NONE
        self.times -= 1
        self.happened += 1
        return self.fault

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side or a fault ends it."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            if not self.is_cut:
                await self._connect(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the other side is gone, or the test is over
        finally:
            writer.transport.abort()
            self.tasks.discard(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.target_port)
        try:
            await self._carry((reader, writer), (there, back))
        finally:
            back.transport.abort()

    async def _carry(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        is_dumb = asyncio.Event()  # nothing comes back any more
        answers = asyncio.create_task(_pump(server[0], client[1], is_dumb))
        try:
            while piece := await client[0].read(PIECE_BYTES):
                fault = self._take(piece)
                if fault in (Fault.ANSWER_LOST, Fault.BLACK_HOLE, Fault.UNHEARD):
                    is_dumb.set()
                if fault in (Fault.NONE, Fault.ANSWER_LOST, Fault.BLACK_HOLE):
                    server[1].write(piece)
                if fault is Fault.HALF:
                    server[1].write(piece[: len(piece) // 2])
                await server[1].drain()
                if fault is Fault.ANSWER_LOST:
                    await asyncio.sleep(0.05)  # until it has been carried out
                if fault in (Fault.RESET, Fault.HALF, Fault.ANSWER_LOST):
                    return
        finally:
            answers.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await answers


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_dumb: asyncio.Event
) -> None:
    while piece := await reader.read(PIECE_BYTES):
        if not is_dumb.is_set():
            writer.write(piece)
            await writer.drain()
    if not is_dumb.is_set():
        writer.close()


@asynccontextmanager
async def fault_proxy(target_port: int) -> AsyncIterator[FaultProxy]:
    """A proxy on a free port in front of a loopback port."""
    proxy = FaultProxy(target_port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in tuple(proxy.tasks):
            task.cancel()
        await asyncio.gather(*proxy.tasks, return_exceptions=True)
        await server.wait_closed()
