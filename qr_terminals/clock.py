"""
Which time it is, and whether that may be believed.

A terminal's clock decides whether a code is fresh, so it must not be possible to make old codes
good by turning the clock. Three witnesses:

- the server's time at the last sync plus the time since then by a clock nobody can set
  (boot time): used as long as it is fresh, whatever the wall clock says;
- the high-water mark: the newest time of a record or a signed document. A wall clock more than
  5 s behind it was turned back, or never set;
- boot time again: a wall clock that ran 5 s more or less than boot time did was turned. Once the
  server's time is too old to be used it is still good enough to hold the wall clock against.

While the wall clock is all there is, the crowd corrects it: the median step of the phones that paid
(see `crowd.py`), by no more than a crystal can have drifted since the server's time.

Restarting loses the third witness. A clock turned forward across a restart makes the last sync look
old, and the offline tiers end there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from qr_terminals.crowd import Crowd, step_offset

JUMP_SECONDS_MAX = 5
SERVER_TIME_FRESH_SECONDS = 6 * 3600  # a cheap crystal is 4 s off after that
DRIFT_MAX = 0.0002  # of boot time against true time
CLOCK_MIN = 1_704_067_200  # 2024-01-01: a clock before that was never set


def boot_seconds() -> float:
    """Seconds since boot, sleep included; nobody can set it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class TrustedClock:
    """The terminal's time. Safe to call from every thread."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        boot: Callable[[], float] = boot_seconds,
    ) -> None:
        self._clock = clock
        self._boot = boot
        self._set_marks(high=CLOCK_MIN, signed=CLOCK_MIN)
        self._server: tuple[float, float] | None = None  # server's time, our boot time then
        self._wall: tuple[float, float] | None = self._read()
        self._crowd = Crowd()
        self._lock = threading.Lock()

    def now(self) -> int | None:
        """Unix seconds, or None when no time can be believed."""
        with self._lock:
            now = self._server_now()
            if now is None:
                now = self._wall_now()
                now = None if now is None else now + self._crowd.correction_seconds
            if now is None or now < self._mark - JUMP_SECONDS_MAX:
                return None
            return int(now)

    def source(self) -> str:
        """What the time rests on now: "server", "wall", or "" when none can be believed."""
        if self.now() is None:
            return ""
        with self._lock:
            return "wall" if self._server_now() is None else "server"

    def rough(self) -> int:
        """The best guess when nothing depends on it: logs, heartbeats, closing an attempt."""
        with self._lock:
            now = self._server_now()
            if now is None:
                read = self._read()
                now = read[0] if read else 0.0
            return max(int(now), self._mark)

    def hear_step(self, card: str, step: int, at: int) -> None:
        """A code of this step was taken at `at`; it counts when the server's time is too old."""
        with self._lock:
            if self._server_now() is None:
                offset = step_offset(step, at)
                self._crowd = self._crowd.after(card, offset, self._drift_seconds_max())

    def crowd(self) -> tuple[int, bool]:
        """By how many seconds the crowd corrects the clock, and whether it wants more than that."""
        with self._lock:
            return self._crowd.correction_seconds, self._crowd.is_beyond

    def raise_mark(self, at: int) -> None:
        """A record of this time exists, so it is not earlier now."""
        with self._lock:
            self._set_marks(high=max(self._high, at), signed=self._signed)

    def raise_signed_mark(self, at: int) -> None:
        """The server signed a document at this time, so it is not earlier now, whoever says so."""
        with self._lock:
            self._set_marks(high=self._high, signed=max(self._signed, at))

    def set_server_time(self, server_at: int, asked_at_boot: float) -> bool:
        """
        The server's time, asked for at `asked_at_boot`; whether it was believed.

        It also pulls back a high-water mark that a clock running ahead has left in the future. The
        answer is not signed, so it is not believed when it is earlier than a signed document.
        """
        with self._lock:
            if server_at < self._signed - JUMP_SECONDS_MAX:
                return False
            self._server = (float(server_at), asked_at_boot)
            self._set_marks(high=min(self._high, server_at), signed=self._signed)
            self._wall = self._read()
            self._crowd = Crowd()
            return True

    def boot_now(self) -> float:
        """Boot time, to be handed to `set_server_time` after a request."""
        return self._boot()

    def _set_marks(self, *, high: int, signed: int) -> None:
        self._high = high  # the newest record
        self._signed = signed  # the newest document the server signed
        self._mark = max(high, signed)  # it is not earlier than this

    def _drift_seconds_max(self) -> int:
        """How far the wall clock can have drifted since the server's time was known."""
        if self._server is None:
            return JUMP_SECONDS_MAX
        return JUMP_SECONDS_MAX + int(max(self._boot() - self._server[1], 0) * DRIFT_MAX)

    def _server_now(self) -> float | None:
        if self._server is None:
            return None
        server_at, boot_at = self._server
        passed = self._boot() - boot_at
        if not 0 <= passed <= SERVER_TIME_FRESH_SECONDS:
            return None
        return server_at + passed

    def _wall_now(self) -> float | None:
        read = self._read()
        if read is None or self._wall is None:
            return None
        wall, boot = read
        wall_then, boot_then = self._wall
        if self._server is not None:
            server_at, boot_at = self._server
            passed = boot - boot_at
            is_near = abs(wall - server_at - passed) <= JUMP_SECONDS_MAX + passed * DRIFT_MAX
            return wall if is_near else None
        if wall_then < self._mark - JUMP_SECONDS_MAX:
            self._wall = read  # it was wrong then, so setting it right is no jump
            return wall
        if abs((wall - wall_then) - (boot - boot_then)) > JUMP_SECONDS_MAX:
            return None
        return wall

    def _read(self) -> tuple[float, float] | None:
        try:
            return self._clock(), self._boot()
        except OSError:  # no clock: a box without a real-time clock chip
            return None
