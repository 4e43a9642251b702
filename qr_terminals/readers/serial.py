"""A scanner in USB-COM (or RS-232) mode, read with pyserial. Survives being unplugged."""

from __future__ import annotations

import threading
import time

import serial

from qr_terminals.errors import ConfigError
from qr_terminals.readers import Scan, Sink, reader_name
from qr_terminals.readers.framing import Framer

READ_SECONDS = 0.02
REOPEN_SECONDS = 0.3
BAUD_RATE = 9600


class SerialReader:
    """
    One serial scanner. `port` should be a name that stays the same when the scanner is plugged in
    again (on Linux one under /dev/serial/by-id).
    """

    def __init__(self, port: str, baud_rate: int = BAUD_RATE) -> None:
        if not port:
            raise ConfigError("没有指定扫码枪的串口。", "No serial port is named for the scanner.")
        self.name = reader_name("serial", port)
        self._port = port
        self._baud_rate = baud_rate
        self._is_connected = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the port is open now."""
        return self._is_connected

    def start(self, sink: Sink) -> None:
        """Read on a thread of its own until stopped."""
        self._thread = threading.Thread(
            target=self._run, args=(sink,), name="serial-reader", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close the port."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _run(self, sink: Sink) -> None:
        while not self._stopping.is_set():
            try:
                with serial.Serial(
                    self._port, self._baud_rate, timeout=READ_SECONDS, exclusive=True
                ) as port:
                    self._is_connected = True
                    self._read(port, sink)
            except (serial.SerialException, OSError):
                # unplugged, or not there yet: the heartbeat says so, and it is opened again
                self._is_connected = False
                self._stopping.wait(REOPEN_SECONDS)
        self._is_connected = False

    def _read(self, port: serial.Serial, sink: Sink) -> None:
        framer = Framer(lambda text: sink(Scan(text)), time.monotonic)
        while not self._stopping.is_set():
            data = port.read(port.in_waiting or 1)
            if data:
                framer.feed(data)
            else:
                framer.idle()
