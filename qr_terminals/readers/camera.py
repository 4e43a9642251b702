"""
A camera as a code scanner. Frames are taken and read in a child process (`camera_child`); when it
dies, hangs or gets no frames, it is ended with all it started, and started again.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from qr_terminals.errors import ConfigError
from qr_terminals.readers import Scan, Sink, reader_name
from qr_terminals.readers.framing import FRAME_BYTES_MAX
from qr_terminals.readers.threads import ReaderThread

COMMAND = (
    "v4l2-ctl --device={device} --set-fmt-video=width=640,height=480,pixelformat=MJPG"
    " --stream-mmap=3 --stream-to=-"
)
"""Debian's v4l-utils. Any program will do that writes MJPEG to its standard output."""
SILENT_SECONDS_MAX = 3.0  # without a frame: then the child, or the camera, hangs
START_SECONDS_MAX = 10.0  # until the first frame
RESTART_SECONDS = 1.0
GONE_SECONDS = 1.5  # out of sight for so long, the same code is a new scan
REMEMBERED_MAX = 16
POLL_SECONDS = 0.1
PROGRAM_FOLDER = Path(__file__).parents[2]
LINE_BYTES_MAX = FRAME_BYTES_MAX + 3
_LINE = re.compile(rb"(0|[1-9][0-9]*)(?: ([ -~]+))?")


class Sightings:
    """Which codes are in sight: one that stays in sight is one scan, however many frames."""

    def __init__(self) -> None:
        self._seen_at: dict[str, float] = {}

    def is_new(self, text: str, at: float) -> bool:
        """Note that a text was in sight at monotonic second `at`; whether that is a new scan."""
        gone = [one for one, seen in self._seen_at.items() if at - seen > GONE_SECONDS]
        for one in gone:
            del self._seen_at[one]
        is_new = text not in self._seen_at
        self._seen_at.pop(text, None)
        self._seen_at[text] = at  # the youngest stands last
        if len(self._seen_at) > REMEMBERED_MAX:
            del self._seen_at[next(iter(self._seen_at))]
        return is_new


def camera_command(device: str, command: str = COMMAND) -> list[str]:
    """The words of the program that films, with the device filled in. ConfigError."""
    try:
        words = [word.replace("{device}", device) for word in shlex.split(command)]
    except ValueError as error:
        raise ConfigError(
            "设置项 camera_command 的引号不成对。",
            f"The setting camera_command cannot be split into words: {error}.",
        ) from error
    if not words:
        raise ConfigError("设置项 camera_command 是空的。", "The setting camera_command is empty.")
    return words


class CameraReader(ReaderThread):
    """One camera; `command` is what films. Build it, start it, stop it."""

    def __init__(self, device: str, command: Sequence[str]) -> None:
        super().__init__(reader_name("camera", device), (), RESTART_SECONDS)
        self._command = [sys.executable, "-m", "qr_terminals.readers.camera_child", *command]
        self._sightings = Sightings()  # kept when the child ends: the phone is still there
        self.starts = 0

    def _hold(self, sink: Sink) -> None:
        self.starts += 1
        child = subprocess.Popen(  # noqa: S603  ourselves, and what the settings name
            self._command,
            stdin=subprocess.PIPE,  # its end tells the child that we are gone
            stdout=subprocess.PIPE,
            process_group=0,
            bufsize=0,
            cwd=PROGRAM_FOLDER,
        )
        try:
            self._listen(child, sink)
        finally:
            self._is_connected = False
            _end(child)

    def _listen(self, child: subprocess.Popen[bytes], sink: Sink) -> None:
        """Take lines until the child ends, is silent too long, says nonsense, or we are stopped."""
        out = child.stdout
        if out is None:
            return
        held = b""
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._stopping.is_set() and time.monotonic() < deadline:
            readable, _, _ = select.select([out], [], [], POLL_SECONDS)
            if not readable:
                continue
            data = os.read(out.fileno(), 4096)
            *lines, held = (held + data).split(b"\n")
            if not data or len(held) > LINE_BYTES_MAX:
                return
            for line in lines:
                told = _LINE.fullmatch(line)
                if told is None:
                    return
                now = time.monotonic()
                deadline = now + SILENT_SECONDS_MAX
                self._is_connected = True
                if told[2] and self._sightings.is_new(text := told[2].decode("ascii"), now):
                    sink(Scan(text))


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a child and the program that films; neither holds anything worth a farewell."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
