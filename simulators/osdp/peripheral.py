"""A peripheral with one output, a strike, on a pseudo-terminal: it answers whoever polls it."""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from dataclasses import dataclass

from simulators.osdp.channel import Channel, ChannelError, base_key
from simulators.osdp.frames import Frame, finished, take_frame, unsigned

POLL, ID, CAPABILITIES, OUTPUT, CHALLENGE, CRYPTOGRAM = 0x60, 0x61, 0x62, 0x68, 0x76, 0x77
ACK, NAK, OUTPUTS, OWN_CRYPTOGRAM, FIRST_MAC = 0x40, 0x41, 0x4A, 0x76, 0x78
UNKNOWN_COMMAND, WRONG_SECURITY = 3, 5
OFF, ON, TIMED_ON = 1, 2, 5
WITH_OWN_KEY = 1
_WAIT_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Move:
    """What the strike was told, at which monotonic second: `on` for so many seconds, 0 for ever."""

    is_on: bool
    seconds: float
    at: float


class Peripheral:
    """One device on a bus of its own; `path` is what the panel opens."""

    def __init__(self, address: int = 0, master_key: bytes | None = None) -> None:
        """Make the port. With a master key only a secure channel moves the strike."""
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        self.path = os.ttyname(self._far)
        self.moves: list[Move] = []
        self.is_deaf = False
        self._address = address
        self._unit = bytes(range(1, 9))
        self._key = None if master_key is None else base_key(master_key, self._unit)
        self._channel: Channel | None = None
        self._open_until = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="osdp", daemon=True)
        self._thread.start()

    @property
    def is_open(self) -> bool:
        """Whether the strike is open now; it counts its seconds itself."""
        return time.monotonic() < self._open_until

    @property
    def is_secure(self) -> bool:
        """Whether a secure channel stands."""
        return self._channel is not None and self._channel.is_open

    def unplug(self) -> None:
        """End, and close the port."""
        self._stopping.set()
        self._thread.join()
        os.close(self._near)
        os.close(self._far)

    def _run(self) -> None:
        held = bytearray()
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._near], [], [], _WAIT_SECONDS)
            if not ready:
                continue
            held += os.read(self._near, 4096)
            while (frame := take_frame(held)) is not None:
                if frame.address == self._address and not self.is_deaf:
                    os.write(self._near, self._answer(frame))

    def _answer(self, frame: Frame) -> bytes:
        if frame.sequence == 0:
            self._channel = None  # the panel begins anew
        if frame.code == CHALLENGE and self._key is not None:
            own_random = os.urandom(8)
            self._channel = Channel(self._key, frame.data, own_random)
            told = self._unit + own_random + self._channel.own_cryptogram
            security = bytes((3, 0x12, WITH_OWN_KEY))
            return self._reply(frame, OWN_CRYPTOGRAM, told, security)
        try:
            if frame.code == CRYPTOGRAM and self._channel is not None:
                first = self._channel.open(frame.data)
                return self._reply(frame, FIRST_MAC, first, bytes((3, 0x14, 1)))
            data = self._opened(frame)
        except ChannelError:
            self._channel = None
            return self._reply(frame, NAK, bytes((WRONG_SECURITY,)))
        if frame.code == POLL:
            return self._signed(frame, ACK)
        if frame.code == OUTPUT and (self._key is None or self.is_secure):
            for at in range(0, len(data), 4):
                self._move(data[at + 1], int.from_bytes(data[at + 2 : at + 4], "little") / 10)
            return self._signed(frame, ACK)
        return self._reply(frame, NAK, bytes((UNKNOWN_COMMAND,)))

    def _opened(self, frame: Frame) -> bytes:
        """A command's data, its MAC checked where a channel stands."""
        if self._channel is None or not self._channel.is_open:
            return frame.data
        encrypted = frame.security[1:2] == b"\x17" and frame.data
        data = self._channel.decrypt(frame.data) if encrypted else frame.data
        self._channel.check(frame.raw, frame.mac)
        return data

    def _signed(self, frame: Frame, code: int) -> bytes:
        if self._channel is None or not self._channel.is_open:
            return self._reply(frame, code, b"")
        raw = unsigned(self._address, frame.sequence, bytes((2, 0x16)), code, b"")
        return finished(raw, self._channel.sign(raw))

    def _reply(self, frame: Frame, code: int, data: bytes, security: bytes = b"") -> bytes:
        return finished(unsigned(self._address, frame.sequence, security, code, data))

    def _move(self, control: int, seconds: float) -> None:
        now = time.monotonic()
        is_on = control in (ON, TIMED_ON)
        lasting = seconds if control == TIMED_ON else float("inf")
        self._open_until = now + lasting if is_on else 0.0
        self.moves.append(Move(is_on, seconds, now))
