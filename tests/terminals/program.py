"""The terminal program in a process of its own, a scanner on a pty plugged in."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import tty
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[2]


class Program:
    """`python -m qr_terminals` with a scanner plugged in; its lines are read as they come."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        self.wire, port = os.openpty()
        tty.setraw(port)
        self._port = port
        self.lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.control = home.parent / "control"
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "qr_terminals", "--home", str(home), "--plain",
                "--serial", os.ttyname(port), "--control", str(self.control),
                "--sync-seconds", "0.5", *words,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"},
        )  # fmt: skip
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(orjson.loads(line))

    def next(self, event: str = "shown") -> dict[str, Any]:
        """The next line of this kind."""
        until = time.monotonic() + 10
        while True:
            line = self.lines.get(timeout=max(until - time.monotonic(), 0.01))
            is_asked = "amount_fen" in line and line["result"] == "waiting"
            if line["event"] == event and (is_asked or line.get("result") != "waiting"):
                return line

    def scan(self, text: str) -> dict[str, Any]:
        os.write(self.wire, text.encode() + b"\r\n")
        return self.next()

    def type(self, line: str) -> None:
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.control))
            control.sendall(line.encode() + b"\n")

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end, however it comes about, and let go of everything."""
        status = self.process.wait(timeout=10)
        self._thread.join(timeout=5)
        with contextlib.suppress(OSError):
            os.close(self.wire)
            os.close(self._port)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status
