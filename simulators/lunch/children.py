"""Child processes that never outlive the lunch, however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from simulators.databases import dies_with

LEAVE_SECONDS_MAX = 15.0
LOG_LINES_SHOWN = 12
ROOT = Path(__file__).resolve().parents[2]


class ChildError(Exception):
    """A program did not start or ended by itself; the message ends with its last lines."""


class Child:
    """One Python program of ours: `python -m module …`, its errors in a log file."""

    def __init__(self, name: str, words: Sequence[str], folder: Path) -> None:
        """`name` is for the log's name and for messages; nothing is started yet."""
        self.name = name
        self._command = [sys.executable, "-m", *words]
        self._log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, environ: Mapping[str, str] | None = None, *, is_piped: bool) -> None:
        """Start it, in a session of its own: a Ctrl-C is for the lunch, which ends it in order.

        Call from the main thread. `is_piped`: standard input and output belong to the lunch.
        """
        pipe = asyncio.subprocess.PIPE if is_piped else asyncio.subprocess.DEVNULL
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=pipe,
                stdout=pipe if is_piped else log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **(environ or {})},
                start_new_session=True,
                preexec_fn=dies_with(os.getpid()),  # one prctl call only
            )

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The running process. ChildError when it was never started."""
        if self._process is None:
            raise ChildError(f"{self.name} was not started")
        return self._process

    @property
    def has_ended(self) -> bool:
        """Whether it is gone, or never was."""
        return self._process is None or self._process.returncode is not None

    @property
    def said(self) -> str:
        """What it has written to its log so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def complain(self, what: str) -> ChildError:
        """An error that says what happened and shows the end of the log."""
        lines = self.said.splitlines()
        return ChildError("\n".join([f"{self.name}: {what}", *lines[-LOG_LINES_SHOWN:]]))

    async def kill(self) -> None:
        """SIGKILL: no goodbye, no last line."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM, wait, and SIGKILL when it takes too long."""
        await self._end(signal.SIGTERM)

    async def _end(self, which: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(which)
        try:
            await asyncio.wait_for(self._process.wait(), LEAVE_SECONDS_MAX)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def run_to_end(name: str, words: Sequence[str], folder: Path) -> None:
    """Run a program that ends by itself. ChildError, with what it said, when it fails."""
    child = Child(name, words, folder)
    await child.start(is_piped=False)
    try:
        status = await child.process.wait()
    finally:
        if not child.has_ended:
            await child.kill()
    if status:
        raise child.complain(f"状态 status {status}")
