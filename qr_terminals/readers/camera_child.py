"""
The camera's own process: frames in, what was read in them out.

    python -m qr_terminals.readers.camera_child COMMAND…

COMMAND writes MJPEG to its standard output: `v4l2-ctl --stream-to=-`, ffmpeg, or a simulated
camera. For each frame one line goes to standard output: `0`, or the number of different codes
seen and, when it is one, its text: `1 9072…`. A frame with two codes names none: nobody pays for
the one who stands beside him.

A fault of the decoder ends this process and nothing else. Whoever started it sees the lines stop.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from typing import IO

from qr_terminals.readers.picture import FrameError, cut_frames, open_frame, read_codes

MEMORY_BYTES_MAX = 1024 * 1024 * 1024
EXIT_SOURCE_ENDED = 3
EXIT_WRONG = 2


def frame_line(codes: list[str]) -> str:
    """What is told of one frame."""
    return f"1 {codes[0]}" if len(codes) == 1 else str(len(codes))


def main(command: list[str]) -> int:
    """Read until the source ends; the exit status. To be started in a process group of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold codes
    try:
        source = subprocess.Popen(  # noqa: S603  the settings name the camera's program
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0
        )
    except OSError as error:
        sys.stderr.write(f"摄像头程序无法启动 · the camera's program cannot be started: {error}\n")
        return EXIT_WRONG
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if source.stdout is not None:
        _read(source.stdout)
    source.kill()
    source.wait()
    return EXIT_SOURCE_ENDED


def _read(stream: IO[bytes]) -> None:
    trouble = ""
    for data in cut_frames(stream):
        try:
            line = frame_line(read_codes(open_frame(data)))
        except FrameError as error:
            if str(error) != trouble:  # thirty a second would fill the log
                trouble = str(error)
                sys.stderr.write(f"摄像头画面 · camera frame: {trouble}\n")
            continue
        os.write(sys.stdout.fileno(), f"{line}\n".encode("ascii"))


def _end_with_parent() -> None:
    """Nothing is ever sent here; the end of it says that the terminal is gone, even if killed."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)  # the program that films too, whatever it waits for


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
