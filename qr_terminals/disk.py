"""Files that must be whole after a power cut, and private files that nobody else may read."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from qr_terminals.errors import InUseError, KeyFileError

MEGABYTE = 1 << 20
RESERVE_BYTES = 64 * MEGABYTE
"""Nothing is sold into the last of a disk: acknowledging and undoing must still find room."""
PRIVATE_MODE = 0o600
HOME_MODE = 0o700


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file so that a reader, or a restart, finds the old or the new one, never half."""
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE_MODE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make the folder's own list of names durable; a rename is not before that."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_bytes(folder: Path) -> int:
    """What an ordinary program may still write on this folder's disk."""
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize


def read_private(path: Path) -> bytes:
    """Read a file that only its owner may read, else KeyFileError."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(
            f"{path} 的权限是 {mode:03o}，必须是 600。",
            f"{path} has mode {mode:03o}; 600 is wanted.",
        )
    return path.read_bytes()


@contextlib.contextmanager
def only_instance(home: Path) -> Iterator[None]:
    """Hold the home folder's lock; the kernel lets go of it even after kill -9."""
    handle = os.open(home / "terminal.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUseError(
                f"{home} 已有一个终端程序在运行。",
                f"Another terminal program is already running on {home}.",
            ) from error
        yield
    finally:
        os.close(handle)
