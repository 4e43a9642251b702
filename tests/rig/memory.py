"""Where a run's databases and files lie: in memory when there is room, else on the disk.

Databases commit as durably as they are told to, but an fsync that reaches a disk costs a test more
than all its rows, and what a killed process had written stays in either place. Only a machine that
loses its power would tell them apart, and no test takes that away.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
FREE_BYTES_MIN = 4 << 30
"""What one run may come to; a container often has 64 MiB there."""


def memory_folder(place: Path = MEMORY, bytes_min: int = FREE_BYTES_MIN) -> Path | None:
    """Return a folder in memory that has room and may hold programs; None when there is none."""
    if not os.access(place, os.W_OK) or shutil.disk_usage(place).free < bytes_min:
        return None
    is_without_programs = os.statvfs(place).f_flag & os.ST_NOEXEC
    return None if is_without_programs else place


def use_memory() -> None:
    """Let temporary files of this process and its children lie in memory.

    Whoever names a TMPDIR has chosen already.
    """
    folder = None if "TMPDIR" in os.environ else memory_folder()
    if folder is not None:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
