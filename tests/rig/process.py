"""The server as an operating system sees it: started by its command, killed by signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from simulators.databases import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS_MAX = 20.0


@dataclass
class ServerProcess:
    """A running `python -m backend.server`."""

    process: subprocess.Popen[bytes]
    base_url: str
    log_path: Path

    @property
    def log(self) -> str:
        """What it has written."""
        return self.log_path.read_text(errors="replace")

    def workers(self) -> list[int]:
        """The process ids of its children."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def wait_well(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                if httpx.get(f"{self.base_url}/open/health").status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start:\n{self.log}")
            time.sleep(0.05)

    def stop(self) -> tuple[int, float]:
        """SIGTERM; the exit status and the seconds it took to leave."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        return status, time.monotonic() - began


def settings(url: str, folder: Path, **more: str) -> dict[str, str]:
    """The environment of a server on a free port."""
    port = free_port()
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("XIAOMA_")},
        "XIAOMA_DATABASE": url,
        "XIAOMA_KEY_FILE": str(folder / "server.keys"),
        "XIAOMA_PORT": str(port),
        **more,
    }


@contextmanager
def serving(environment: Mapping[str, str], folder: Path) -> Iterator[ServerProcess]:
    """Start it, wait until it answers, and leave nothing behind."""
    log_path = folder / "server.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.server"],
            cwd=ROOT,
            env=dict(environment),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    server = ServerProcess(process, f"http://127.0.0.1:{environment['XIAOMA_PORT']}", log_path)
    try:
        server.wait_well()
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(25)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run(module: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a module to its end."""
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
