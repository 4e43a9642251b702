"""The network cable between one window and the server: a small TCP relay that can be cut."""

from __future__ import annotations

import asyncio
import contextlib

CHUNK_BYTES = 65_536


class Cable:
    """Relays loopback connections to a port. While cut, connections break and none is taken."""

    def __init__(self, target_port: int) -> None:
        """Nothing is open until `plug`."""
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def is_cut(self) -> bool:
        """Whether nobody gets through."""
        return self._server is None

    async def plug(self) -> None:
        """Let connections through, always on the same port."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break every connection at once, as a pulled cable does, and take no new one."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._writers):
            writer.transport.abort()
        relays = tuple(self._relays)
        for relay in relays:
            relay.cancel()
        await asyncio.gather(*relays, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self.is_cut:
            writer.transport.abort()
            return
        self._relays.add(task)
        ends = [writer]
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            ends.append(far_writer)
            self._writers.add(far_writer)
            async with asyncio.TaskGroup() as both:
                both.create_task(_pour(reader, far_writer))
                both.create_task(_pour(far_reader, writer))
        except* (OSError, asyncio.CancelledError):
            for end in ends:  # the server is away, or we were cut: both sides see a break
                end.transport.abort()
        finally:
            self._relays.discard(task)
            for end in ends:
                end.close()
            self._writers.difference_update(ends)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK_BYTES):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()
