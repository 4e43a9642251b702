r"""
Where one scan ends and the next begins, and what of it may pass.

Scanners end a scan with CR, LF, TAB, ETX or nothing at all. So a scan ends at any of these, or
after a moment without a byte. What stays half for a second is noise and no beginning of the next
scan.

A scan is data and never a key: only printable ASCII is text. Any other byte stays visible as
`\x1b`, so the text cannot pass for a code and is refused as unreadable, once, like half a code.
"""

from __future__ import annotations

import re
from collections.abc import Callable

IDLE_SECONDS = 0.06
STALE_SECONDS = 1.0
FRAME_BYTES_MAX = 128
_ENDS = frozenset(b"\r\n\t\x03")
_BEFORE = frozenset(b"\x00\x02 ")
"""A break of the line, STX and blanks: nothing while they stand before the first byte."""
_AIM_IDENTIFIER = re.compile(r"^\][A-Za-z][0-9A-Za-z](?=.)")
"""ISO/IEC 15424: `]Q1` for QR, `]C0` for Code 128. Scanners can be set to send it first."""


class Framer:
    """Turns bytes into scans; `clock` is monotonic seconds and an argument so tests can turn it."""

    def __init__(
        self,
        sink: Callable[[str], None],
        clock: Callable[[], float],
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._sink = sink
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._held = bytearray()
        self._fed_at = 0.0

    def feed(self, data: bytes) -> None:
        """Take bytes as they come."""
        now = self._clock()
        if self._held and now - self._fed_at > STALE_SECONDS:
            self._held.clear()
        self._fed_at = now
        for byte in data:
            if byte in _ENDS:
                self.flush()
            elif not self._held and byte in _BEFORE:
                continue
            elif len(self._held) <= FRAME_BYTES_MAX:  # one more than allowed says: too long
                self._held.append(byte)

    def idle(self) -> None:
        """Call when nothing came for a moment: ends a scan that has no terminator."""
        if self._held and self._clock() - self._fed_at >= self._idle_seconds:
            self.flush()

    def flush(self) -> None:
        """End the scan here; nothing held is no scan."""
        held = bytes(self._held)
        self._held.clear()
        if held:
            self._sink(scan_text(held))


def scan_text(held: bytes) -> str:
    r"""
    The text of one scan: printable ASCII, at most FRAME_BYTES_MAX characters. Other bytes are
    written as `\x1b`, a symbology identifier in front is left out.
    """
    text = held.decode("ascii", "backslashreplace")
    text = "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in text)
    return _AIM_IDENTIFIER.sub("", text.rstrip(" "))[:FRAME_BYTES_MAX]
