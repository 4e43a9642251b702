"""A connection to a bank: bytes out, bytes in, and what is certain when it breaks.

Only what never left is certain not to have happened. After the first byte anything may have, so a
line tells the two apart and nothing else. An answer that is late is never taken for another's: who
waited in vain hangs up.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from bank_gateway.profile import Profile
from bank_gateway.wire.faults import FrameError
from bank_gateway.wire.framing import Framer, framed

READ_BYTES = 4_096


class NotSentError(Exception):
    """No byte has left: it is as if nobody had asked."""


class NoAnswerError(Exception):
    """Bytes may have left, and no whole answer came: nobody knows."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bank listens, and the address of ours that faces it ("" lets the system choose)."""

    host: str
    port: int
    local_host: str = ""


class Line:
    """One connection, one ask at a time. Short lines are opened for each ask."""

    def __init__(self, profile: Profile, address: Address) -> None:
        """Nothing is opened yet."""
        self._profile, self._address = profile, address
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._taken = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether a long line stands."""
        return self._open is not None and not self._open[0].at_eof()

    async def exchange(self, message: bytes) -> bytes:
        """Send a message and wait for the answer to it.

        Raises:
            NotSentError: the bank cannot be reached. FrameError: the message is too long.
            NoAnswerError: it was sent, or a part of it, and no whole answer came in time.

        """
        raw = framed(self._profile.framing, message)
        async with self._taken:
            reader, writer = await self._connected()
            is_whole = False
            try:
                writer.write(raw)
                async with asyncio.timeout(self._profile.line.answer_seconds):
                    await writer.drain()
                    answer = await self._read(reader)
                is_whole = True
            except (OSError, TimeoutError, EOFError, FrameError) as error:
                raise NoAnswerError(type(error).__name__) from None
            finally:
                if not is_whole or self._profile.line.style == "short":
                    await self._hang_up()
            return answer

    async def close(self) -> None:
        """Hang up."""
        async with self._taken:
            await self._hang_up()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.is_open and self._open is not None:
            return self._open
        await self._hang_up()
        here = self._address.local_host
        try:
            async with asyncio.timeout(self._profile.line.connect_seconds):
                self._open = await asyncio.open_connection(
                    self._address.host,
                    self._address.port,
                    local_addr=(here, 0) if here else None,
                )
        except (OSError, TimeoutError) as error:
            raise NotSentError(str(error) or type(error).__name__) from None
        return self._open

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        framer = Framer(self._profile.framing)
        while data := await reader.read(READ_BYTES):
            whole = framer.feed(data)
            if len(whole) > 1 or (whole and framer.is_amid):
                raise FrameError("more than one answer to one ask")
            if whole:
                return whole[0]
        raise EOFError

    async def _hang_up(self) -> None:
        if self._open is None:
            return
        _, writer = self._open
        self._open = None
        writer.close()
        with contextlib.suppress(OSError):  # it is gone either way
            await writer.wait_closed()
