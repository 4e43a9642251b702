"""The worker as processes: one leads, the other goes on when it leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.rig.process import ROOT, settings

SECONDS_MAX = 20.0


@contextmanager
def working(environment: dict[str, str], log_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.worker"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(log_path: Path, words: str) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while words not in log_path.read_text():
        assert time.monotonic() < deadline, log_path.read_text()
        time.sleep(0.05)


def test_the_second_worker_goes_on_when_the_first_leaves(migrated_url: str, tmp_path: Path) -> None:
    environment = settings(migrated_url, tmp_path)
    first_log, second_log = tmp_path / "first.log", tmp_path / "second.log"
    with working(environment, first_log) as first:
        wait_for(first_log, "open epochs: opened")
        with working(environment, second_log) as second:
            time.sleep(2)
            assert "leads" not in second_log.read_text()
            began = time.monotonic()
            first.send_signal(signal.SIGTERM)
            assert first.wait(10) == 0
            assert time.monotonic() - began < 5
            wait_for(second_log, "open epochs: nothing to open")
            second.send_signal(signal.SIGTERM)
            assert second.wait(10) == 0
    for path in (first_log, second_log):
        assert "Traceback" not in path.read_text(), path.read_text()
