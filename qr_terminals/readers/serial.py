"""A scanner in USB-COM (or RS-232) mode, read with pyserial. Survives being unplugged."""

from __future__ import annotations

import time

import serial

from qr_terminals.errors import ConfigError
from qr_terminals.readers import Scan, Sink, reader_name
from qr_terminals.readers.framing import Framer
from qr_terminals.readers.threads import ReaderThread

READ_SECONDS = 0.02
REOPEN_SECONDS = 0.3
BAUD_RATE = 9600


class SerialReader(ReaderThread):
    """
    One serial scanner. `port` should be a name that stays the same when the scanner is plugged in
    again (on Linux one under /dev/serial/by-id).
    """

    def __init__(self, port: str, baud_rate: int = BAUD_RATE) -> None:
        if not port:
            raise ConfigError("没有指定扫码枪的串口。", "No serial port is named for the scanner.")
        gone = (serial.SerialException, OSError)
        super().__init__(reader_name("serial", port), gone, REOPEN_SECONDS)
        self._port = port
        self._baud_rate = baud_rate

    def _hold(self, sink: Sink) -> None:
        with serial.Serial(
            self._port, self._baud_rate, timeout=READ_SECONDS, exclusive=True
        ) as port:
            self._is_connected = True
            self._read(port, sink)

    def _read(self, port: serial.Serial, sink: Sink) -> None:
        framer = Framer(lambda text: sink(Scan(text)), time.monotonic)
        while not self._stopping.is_set():
            data = port.read(port.in_waiting or 1)
            if data:
                framer.feed(data)
            else:
                framer.idle()
