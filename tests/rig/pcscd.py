"""
A private pcscd with nothing but the virtual reader.

Its socket's path is compiled in, so there is one a machine: whoever wants it waits for the lock of
whoever has it, also in another process of the test run.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from simulators.cards.vpcd import PORT

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SOCKET = Path("/run/pcscd/pcscd.comm")
LOCK = Path(tempfile.gettempdir()) / "xiaoma-tests-pcscd.lock"
START_SECONDS_MAX = 6.0
PORT_SECONDS_MAX = 90.0
"""A closed port can be taken again after a minute."""
READER = f"""FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:{PORT:#x}
LIBPATH      {DRIVER}
CHANNELID    {PORT:#x}
"""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Have the machine's one service; a reader that looks for any must not meet another test's."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def pcscd(folder: Path, *, is_alone: bool = False) -> Iterator[None]:
    """Serve a virtual reader until the block ends; `is_alone`: within a block of `alone`."""
    program = shutil.which("pcscd", path=os.environ.get("PATH", "") + ":/usr/sbin")
    assert program is not None, "pcscd is not installed"
    assert DRIVER.exists(), "vsmartcard-vpcd is not installed"
    readers = folder / "reader.conf.d"
    readers.mkdir()
    (readers / "vpcd").write_text(READER)
    one = contextlib.nullcontext() if is_alone else alone()
    with one, (folder / "pcscd.log").open("wb") as log:
        SOCKET.parent.mkdir(exist_ok=True)
        words = [program, "--foreground", "--info", "--config", str(readers)]
        process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            until = time.monotonic() + PORT_SECONDS_MAX
            while not _is_up(process):  # the port of the one before may still be closing
                assert time.monotonic() < until, "pcscd did not come up"
                process.terminate()
                process.wait(10)
                process = subprocess.Popen(words, stdout=log, stderr=log)
            yield
        finally:
            process.terminate()
            process.wait(10)


def _is_up(process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until:
        assert process.poll() is None, "pcscd ended at once"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", PORT), 1):
            if SOCKET.exists():
                return True
        time.sleep(0.05)
    return False
