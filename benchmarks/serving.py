"""The real server, or a variant of it, as processes on loopback while a benchmark needs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulators.databases import free_port

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 30.0
SETTLE_SECONDS = 1.0
"""After the first worker answers, the others of the row come up too."""

MARIADB = ("--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=512M")
"""How the private MariaDB of a benchmark is started: every commit on disk."""

SERVER = ("backend.server",)
HTTP_ONLY = ("benchmarks.variants", "http_only")
USUAL_ORM = ("benchmarks.variants", "orm")


class NotServingError(Exception):
    """The server ended, or did not answer in time."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the server finds its things: a database URL, a key file, workers, a Redis URL or ""."""

    database: str
    key_file: Path
    workers: int
    redis: str

    def environment(self, port: int) -> dict[str, str]:
        """The variables `backend.config` reads."""
        return {
            **os.environ,
            "XIAOMA_DATABASE": self.database,
            "XIAOMA_KEY_FILE": str(self.key_file),
            "XIAOMA_PORT": str(port),
            "XIAOMA_WORKERS": str(self.workers),
            "XIAOMA_REDIS": self.redis,
        }


@contextmanager
def serving(module: Sequence[str], setting: Setting) -> Iterator[int]:
    """Serve until the block ends; yields the port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        env=setting.environment(port),
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until_up(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            message = f"the server ended with status {process.returncode}"
            raise NotServingError(message)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/open/health", timeout=1):
                time.sleep(SETTLE_SECONDS)
                return
        except OSError:
            time.sleep(0.1)
    message = f"the server did not answer within {START_SECONDS_MAX:.0f} s"
    raise NotServingError(message)
