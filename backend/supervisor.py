"""Keeps N server processes alive on one port.

Sanic's own manager does not replace a worker that dies: two become one for ever, and when the last
is gone the port still takes requests that nobody answers. So each worker is a whole single-process
server with a socket of its own (SO_REUSEPORT), and this process only starts and ends them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from sanic import Sanic

log = logging.getLogger("xiaoma.supervisor")

RESTART_SECONDS = 0.2
RESTART_SECONDS_MAX = 10.0
STEADY_SECONDS = 30.0
"""A worker that lived this long has not failed at starting; the delay begins anew."""
STOP_SECONDS_MAX = 20.0
POLL_SECONDS = 0.1


@dataclass
class _Worker:
    """One place in the row: the process in it, and when it may be filled again."""

    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay: float = RESTART_SECONDS
    start_at: float = field(default=0.0)


def supervise(command: list[str], workers: int) -> int:
    """Run `workers` processes of `command` until SIGTERM or SIGINT, then end them gracefully."""
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    row = [_Worker() for _ in range(workers)]
    try:
        while not stopping:
            for worker in row:
                _tend(worker, command)
            time.sleep(POLL_SECONDS)
    finally:
        _end([worker.process for worker in row if worker.process is not None])
    return 0


def _tend(worker: _Worker, command: list[str]) -> None:
    now = time.monotonic()
    if worker.process is not None:
        status = worker.process.poll()
        if status is None:
            return
        is_steady = now - worker.started_at >= STEADY_SECONDS
        worker.delay = RESTART_SECONDS if is_steady else worker.delay
        log.error(
            "worker %d ended with %d, another comes in %.1f s",
            worker.process.pid,
            status,
            worker.delay,
        )
        _let_go(worker.process)
        worker.process = None
        worker.start_at = now + worker.delay
        worker.delay = min(worker.delay * 2, RESTART_SECONDS_MAX)
    if now >= worker.start_at:
        # the worker holds the other end of this pipe: when we die in whatever way, it sees the end
        worker.process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own
        worker.started_at = now


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS_MAX
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("worker %d did not leave in %.0f s, killed", process.pid, STOP_SECONDS_MAX)
            process.kill()
            process.wait()
        _let_go(process)


def _let_go(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()


async def leave_with_parent(app: Sanic[Any, Any]) -> None:
    """In a worker: stop gracefully when the supervisor's end of our standard input closes."""
    loop = asyncio.get_running_loop()
    source = sys.stdin.fileno()

    def look() -> None:
        if os.read(source, 64) == b"":
            loop.remove_reader(source)
            log.error("the supervisor is gone, leaving")
            app.stop(terminate=False)

    loop.add_reader(source, look)
