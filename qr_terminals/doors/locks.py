"""
Locks: hardware that opens a door.

A lock opens for some seconds, is held open, or is shut. Where it counts the seconds itself (OSDP)
a program that dies while a door stands open does not leave it open; where it cannot (a relay) the
next start shuts it. What a lock does without power is built into it, and named per door in the
door rules (`fails`), so that nobody has to find out in a fire.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

import serial

from qr_terminals.errors import TerminalError

CONTACT_POLL_SECONDS = 0.05
RECONNECT_SECONDS = 1.0


class LockError(TerminalError):
    """The lock did not obey."""


class Lock(Protocol):
    """What every lock can do; each raises LockError when it cannot."""

    def open_for(self, seconds: int) -> None:
        """Open, and shut after so many seconds where it can do that alone."""

    def hold_open(self) -> None:
        """Open until told otherwise."""

    def shut(self) -> None:
        """Shut."""

    def close(self) -> None:
        """Let go of the hardware, as it stands."""

    @property
    def is_connected(self) -> bool:
        """Whether the hardware is there now; the heartbeat reports it."""


class SimulatedLock:
    """A lock that only remembers: for a demo, a test, and a school that tries doors out."""

    def __init__(self) -> None:
        self.moves: list[tuple[str, int]] = []
        self.is_broken = False

    def open_for(self, seconds: int) -> None:
        """Note it."""
        self._move("open", seconds)

    def hold_open(self) -> None:
        """Note it."""
        self._move("hold", 0)

    def shut(self) -> None:
        """Note it."""
        self._move("shut", 0)

    def close(self) -> None:
        """Nothing to let go of."""

    @property
    def is_connected(self) -> bool:
        """It is there unless a test broke it."""
        return not self.is_broken

    def _move(self, move: str, seconds: int) -> None:
        if self.is_broken:
            raise _no_lock("simulated", "broken")
        self.moves.append((move, seconds))


class RelayLock:
    """
    A relay board on a serial port, of the kind that takes A0, channel, state and their sum: the
    commonest there is. `channel` counts from 1.
    """

    def __init__(self, port: str, channel: int = 1, baud_rate: int = 9600) -> None:
        self._port = port
        self._baud_rate = baud_rate
        self._channel = channel
        self._serial: serial.SerialBase | None = None

    def open_for(self, seconds: int) -> None:  # noqa: ARG002 - a relay does not count
        """Open; the program shuts it."""
        self._set(is_on=True)

    def hold_open(self) -> None:
        """Open."""
        self._set(is_on=True)

    def shut(self) -> None:
        """Shut."""
        self._set(is_on=False)

    def close(self) -> None:
        """Close the port; the relay stays as it is."""
        if self._serial is not None:
            self._serial.close()
            self._serial = None

    @property
    def is_connected(self) -> bool:
        """Whether the port could be written to last time."""
        return self._serial is not None

    def _set(self, *, is_on: bool) -> None:
        head = bytes((0xA0, self._channel, int(is_on)))
        try:
            if self._serial is None:
                self._serial = serial.serial_for_url(
                    self._port, self._baud_rate, write_timeout=RECONNECT_SECONDS
                )
            self._serial.write(head + bytes((sum(head) & 0xFF,)))
            self._serial.flush()
        except (OSError, ValueError) as error:  # pyserial's own errors are OSErrors
            self.close()
            raise _no_lock(self._port, error) from error


class AlarmContact:
    """
    A fire panel's contact between the RTS and CTS lines of a serial port. Normally closed: an open
    contact is the alarm, and so is a cut wire or a port that is gone.
    """

    def __init__(self, port: str, tell: Callable[[bool], None]) -> None:
        self._port = port
        self._tell = tell
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="contact", daemon=True)
        self._serial: serial.Serial | None = None

    def start(self) -> None:
        """Begin to watch; the state at the start is told first."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        was_closed: bool | None = None
        while not self._stopping.is_set():
            is_closed = self._is_closed()
            if is_closed is not was_closed:
                self._tell(not is_closed)
                was_closed = is_closed
            self._stopping.wait(CONTACT_POLL_SECONDS)
        if self._serial is not None:
            self._serial.close()

    def _is_closed(self) -> bool:
        try:
            if self._serial is None:
                self._serial = serial.serial_for_url(self._port)
                self._serial.rts = True
            return bool(self._serial.cts)
        except (OSError, ValueError):
            self._serial = None
            time.sleep(CONTACT_POLL_SECONDS)
            return False  # nobody can tell that there is no fire


def _no_lock(name: str, why: object) -> LockError:
    return LockError(f"门锁没有反应（{name}）。", f"The lock did not obey ({name}: {why}).")
