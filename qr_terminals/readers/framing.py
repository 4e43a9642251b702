"""
Where one scan ends and the next begins.

Scanners end a scan with CR, LF, TAB or nothing at all. So a scan ends at any of these, or after
60 ms without a byte. What stays half for a second is noise and no beginning of the next scan.
"""

from __future__ import annotations

from collections.abc import Callable

IDLE_SECONDS = 0.06
STALE_SECONDS = 1.0
FRAME_BYTES_MIN = 6
FRAME_BYTES_MAX = 128
_ENDS = frozenset(b"\r\n\t")


class Framer:
    """Turns bytes into scans; `clock` is monotonic seconds and an argument so tests can turn it."""

    def __init__(self, sink: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._sink = sink
        self._clock = clock
        self._held = bytearray()
        self._is_too_long = False
        self._fed_at = 0.0

    def feed(self, data: bytes) -> None:
        """Take bytes as they come; control bytes other than the ends are dropped."""
        now = self._clock()
        if self._held and now - self._fed_at > STALE_SECONDS:
            self._forget()
        self._fed_at = now
        for byte in data:
            if byte in _ENDS:
                self.flush()
            elif len(self._held) >= FRAME_BYTES_MAX:
                self._is_too_long = True  # dropped whole: half a long frame is another text
            elif 0x20 <= byte < 0x7F:
                self._held.append(byte)

    def idle(self) -> None:
        """Call when nothing came for a moment: ends a scan that has no terminator."""
        if self._held and self._clock() - self._fed_at >= IDLE_SECONDS:
            self.flush()

    def flush(self) -> None:
        """End the scan here."""
        text = self._held.decode("ascii").strip()
        is_whole = not self._is_too_long
        self._forget()
        if is_whole and len(text) >= FRAME_BYTES_MIN:
            self._sink(text)

    def _forget(self) -> None:
        self._held.clear()
        self._is_too_long = False
