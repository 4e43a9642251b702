"""
A scanner that poses as a keyboard (HID), read through evdev and grabbed for ourselves alone.

Without the grab every scan would be typed into whatever has the focus: a code with Enter or Alt in
it could press the cashier's buttons. With it, key events reach this file and nothing else, and what
they spell goes the way of every scan. `decode_keys` is pure; `HidReader` opens, grabs, and survives
being unplugged.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from evdev import InputDevice, InputEvent, ecodes

from qr_terminals.errors import ConfigError
from qr_terminals.readers import Scan, Sink, reader_name
from qr_terminals.readers.framing import Framer
from qr_terminals.readers.threads import ReaderThread

READ_SECONDS = 0.05
REOPEN_SECONDS = 0.3
IDLE_SECONDS = 0.25  # some scanners leave 100 ms between keys; nearly all of them end with Enter
FOREIGN_KEY = b"\x1b"
"""Stands for every key that is no character: the scan is unreadable then."""

_PRESSED = 1
_SHIFTS = frozenset((ecodes.KEY_LEFTSHIFT, ecodes.KEY_RIGHTSHIFT))
_CHORDS = frozenset(
    getattr(ecodes, f"KEY_{side}{name}") for side in ("LEFT", "RIGHT") for name in
    ("CTRL", "ALT", "META")
)  # fmt: skip
_SILENT = frozenset((ecodes.KEY_CAPSLOCK, ecodes.KEY_NUMLOCK))  # some press it around each scan
_ENDS = {ecodes.KEY_ENTER: b"\r", ecodes.KEY_KPENTER: b"\r", ecodes.KEY_TAB: b"\t"}
_SIGNS = {
    "MINUS": "-_",
    "EQUAL": "=+",
    "LEFTBRACE": "[{",
    "RIGHTBRACE": "]}",
    "SEMICOLON": ";:",
    "APOSTROPHE": "'\"",
    "GRAVE": "`~",
    "BACKSLASH": "\\|",
    "COMMA": ",<",
    "DOT": ".>",
    "SLASH": "/?",
    "SPACE": "  ",
    "KPASTERISK": "**",
    "KPMINUS": "--",
    "KPPLUS": "++",
    "KPDOT": "..",
    "KPSLASH": "//",
}
_SHIFTED_DIGITS = ")!@#$%^&*("


def _us_layout() -> dict[int, tuple[bytes, bytes]]:
    """Characters of a key, plain and with shift: the US layout, whatever the system's is."""
    pairs = {f"KP{digit}": f"{digit}{digit}" for digit in range(10)}
    pairs |= {f"{digit}": f"{digit}{_SHIFTED_DIGITS[digit]}" for digit in range(10)}
    pairs |= {letter: letter.lower() + letter for letter in map(chr, range(ord("A"), ord("Z") + 1))}
    pairs |= _SIGNS
    return {
        getattr(ecodes, f"KEY_{name}"): (pair[0].encode(), pair[1].encode())
        for name, pair in pairs.items()
    }


US_LAYOUT = _us_layout()


class KeyDecoder:
    """Turns key events into the bytes a serial scanner would send; holds which keys are down."""

    def __init__(self) -> None:
        self._down: set[int] = set()

    def decode(self, event: InputEvent) -> bytes:
        """
        The bytes of one event: a character, an end, FOREIGN_KEY, or nothing.

        When the kernel dropped events nobody knows which keys; the scan is unreadable then.
        """
        if event.type == ecodes.EV_SYN and event.code == ecodes.SYN_DROPPED:
            self._down.clear()
            return FOREIGN_KEY
        if event.type != ecodes.EV_KEY:
            return b""
        if event.code in _SHIFTS or event.code in _CHORDS:
            (self._down.add if event.value else self._down.discard)(event.code)
            return b""
        if event.value != _PRESSED or event.code in _SILENT:
            return b""  # a release, or the kernel repeating a key whose release was lost
        if self._down & _CHORDS:
            return FOREIGN_KEY  # Ctrl+C is no c, and no command either
        if event.code in _ENDS:
            return _ENDS[event.code]
        pair = US_LAYOUT.get(event.code, (FOREIGN_KEY, FOREIGN_KEY))
        return pair[bool(self._down & _SHIFTS)]


class KeyDevice(Protocol):
    """What is wanted of an input device; `evdev.InputDevice` has it."""

    def fileno(self) -> int:
        """What `select` waits for."""

    def grab(self) -> None:
        """Keep its events from everybody else. OSError when another program has."""

    def ungrab(self) -> None:
        """Give it back."""

    def read(self) -> Iterator[InputEvent]:
        """The events that are there. OSError when it was unplugged."""

    def close(self) -> None:
        """Let go of the file."""


class HidReader(ReaderThread):
    """
    One scanner that is a keyboard. `path` should be a name that stays the same when it is plugged
    in again: one under /dev/input/by-id that ends in -event-kbd.
    """

    def __init__(
        self, path: str, open_device: Callable[[str], KeyDevice] = InputDevice[str]
    ) -> None:
        if not path.startswith("/"):
            raise ConfigError(
                f"HID 扫码枪要写设备的完整路径，不是 {path!r}。",
                f"A HID scanner is named by its whole path, not {path!r}.",
            )
        super().__init__(reader_name("hid", path), (OSError,), REOPEN_SECONDS)
        self._path = path
        self._open = open_device

    def _hold(self, sink: Sink) -> None:
        """Open, grab and read until stopped; nothing is read of a device that is not ours alone."""
        device = self._open(self._path)
        try:
            device.grab()
            self._is_connected = True
            self._read(device, sink)
            device.ungrab()
        finally:
            device.close()  # which ends the grab too

    def _read(self, device: KeyDevice, sink: Sink) -> None:
        keys = KeyDecoder()
        framer = Framer(lambda text: sink(Scan(text)), time.monotonic, IDLE_SECONDS)
        while not self._stopping.is_set():
            readable, _, _ = select.select([device.fileno()], [], [], READ_SECONDS)
            if readable:
                framer.feed(b"".join(keys.decode(event) for event in device.read()))
            else:
                framer.idle()
