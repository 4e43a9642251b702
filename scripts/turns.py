"""Processes that take turns at what only one of them may do: an environment, a build."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait for whoever does the same in another process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("等待另一个进程 · waiting for another process")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
