"""Load over loopback HTTP: connections that always have one request under way.

Requests are finished bytes before the clock starts, and answers are only counted and kept, so
that the generator takes as little of the machine as a generator in Python can.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import orjson
import uvloop

from benchmarks.campus import BenchCampus, Till

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(slots=True)
class LoadResult:
    """What came back: latencies in seconds, the bodies, and how long it all took."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers per second over the whole load."""
        return len(self.latencies) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """A latency percentile in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def payment_request(till: Till, sequence: int, code: str, asked_fen: int) -> bytes:
    """One signed POST /terminal/payments, as it goes over the wire."""
    path = b"/terminal/payments"
    body = orjson.dumps(
        {
            "sequence": sequence,
            "credential": code,
            "credential_kind": "code",
            "asked_fen": asked_fen,
        }
    )
    mac = hmac.digest(till.key, b"POST\n" + path + b"\n" + body, "sha256").hex()
    head = f"host: x\r\nx-terminal: {till.token}\r\nx-mac: {mac}\r\ncontent-length: {len(body)}"
    return b"POST " + path + b" HTTP/1.1\r\n" + head.encode() + HEAD_END + body


def payment_requests(
    campus: BenchCampus, *, first_card: int, per_till: int, first_sequence: int, at: int
) -> list[list[bytes]]:
    """For every till its requests: each a card of its own, each a code of the step at `at`."""
    cards = iter(campus.cards[first_card:])
    return [
        [
            payment_request(till, first_sequence + place, campus.code(next(cards), at), 1_250)
            for place in range(per_till)
        ]
        for till in campus.tills
    ]


class _Client(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self, requests: Iterator[bytes], result: LoadResult, done: asyncio.Future[None]):
        self._requests, self._result, self._done = requests, result, done
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def begin(self) -> None:
        """Send the first request; each answer sends the next."""
        request = next(self._requests, None)
        if request is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(HEAD_END)
        if not found:
            return
        said = head.lower().partition(LENGTH)[2]
        length = int(said.split(b"\r\n", 1)[0]) if said else 0  # a 204 has no body and no length
        if len(rest) < length:
            return
        self._result.latencies.append(time.perf_counter() - self._sent_at)
        self._result.bodies.append(rest[:length])
        self._buffer = rest[length:]
        self.begin()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError(f"the server closed a connection: {exc}"))


async def _run(port: int, requests: Sequence[Sequence[bytes]]) -> LoadResult:
    loop = asyncio.get_running_loop()
    result = LoadResult()
    clients, done = [], []
    for mine in requests:
        future: asyncio.Future[None] = loop.create_future()
        done.append(future)
        make = partial(_Client, iter(mine), result, future)
        _, client = await loop.create_connection(make, "127.0.0.1", port)
        clients.append(client)
    began = time.perf_counter()
    for client in clients:
        client.begin()
    await asyncio.gather(*done)
    result.seconds = time.perf_counter() - began
    return result


def run_load(port: int, requests: Sequence[Sequence[bytes]]) -> LoadResult:
    """Send each list over its own connection, one request at a time, all lists side by side."""
    return uvloop.run(_run(port, requests))
