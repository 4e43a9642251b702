"""A scanner that poses as a keyboard, up to the kernel's edge: its bytes are the kernel's."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator

from evdev import InputEvent, ecodes
from evdev.eventio import EventIO

EVENT = struct.Struct("@llHHi")  # struct input_event of this machine
_SHIFTED = dict(zip(')!@#$%^&*(_+{}:"~|<>?', "0123456789-=[];'`\\,./", strict=True))
_NAMES = {
    "-": "MINUS", "=": "EQUAL", "[": "LEFTBRACE", "]": "RIGHTBRACE", ";": "SEMICOLON",
    "'": "APOSTROPHE", "`": "GRAVE", "\\": "BACKSLASH", ",": "COMMA", ".": "DOT", "/": "SLASH",
    " ": "SPACE", "\r": "ENTER", "\t": "TAB", "\x1b": "ESC",
}  # fmt: skip


def key(name: str) -> int:
    code: int = getattr(ecodes, f"KEY_{name}")
    return code


def stroke(code: int, *, value: int = 1) -> list[tuple[int, int, int]]:
    """One report of a key, as the kernel's keyboard driver sends it."""
    return [(ecodes.EV_MSC, ecodes.MSC_SCAN, code), (ecodes.EV_KEY, code, value), (0, 0, 0)]


def typed(text: str, *, on_keypad: bool = False) -> list[tuple[int, int, int]]:
    """What a keyboard with a US layout sends for a text."""
    events: list[tuple[int, int, int]] = []
    for one in text:
        plain = _SHIFTED.get(one, one.lower())
        name = "KP" * (on_keypad and one.isdigit()) + _NAMES.get(plain, plain.upper())
        pressed = [*stroke(key(name)), *stroke(key(name), value=0)]
        if plain != one:
            shift = key("LEFTSHIFT")
            pressed = [*stroke(shift), *pressed, *stroke(shift, value=0)]
        events += pressed
    return events


class PipeDevice(EventIO):
    """
    An input device whose far end is in our hand. Bytes go through a pipe and through evdev's own
    reader; only the two ioctls of the grab are played here, because a pipe knows none.
    """

    def __init__(self, plug: Plug) -> None:
        self.plug = plug
        self.fd, plug.wire = os.pipe()
        os.set_blocking(self.fd, False)

    def grab(self) -> None:
        if self.plug.is_grabbed_elsewhere:
            raise OSError(errno.EBUSY, "grabbed by another program")
        self.plug.told.append("grab")

    def ungrab(self) -> None:
        self.plug.told.append("ungrab")

    def read(self) -> Iterator[InputEvent]:
        events = tuple(super().read())
        if not events:  # the pipe's way of saying what a device says with ENODEV
            raise OSError(errno.ENODEV, "unplugged")
        return iter(events)

    def close(self) -> None:
        self.plug.told.append("close")
        os.close(self.fd)


class Plug:
    """The place where a scanner is plugged in; `open` is what the reader calls."""

    def __init__(self) -> None:
        self.wire = -1
        self.is_in = True
        self.is_grabbed_elsewhere = False
        self.told: list[str] = []

    def open(self, path: str) -> PipeDevice:
        if not self.is_in:
            raise FileNotFoundError(path)
        return PipeDevice(self)

    def send(self, events: list[tuple[int, int, int]]) -> None:
        os.write(self.wire, b"".join(EVENT.pack(0, 0, *event) for event in events))

    def unplug(self) -> None:
        self.is_in = False
        os.close(self.wire)
