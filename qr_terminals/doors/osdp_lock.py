"""
A lock behind an OSDP device on RS-485: this terminal is the control panel.

The device is asked for a timed output, so it shuts by itself. The `osdp` package speaks the wire;
it polls ten times a second and waits an idle line in between, which 115,200 baud keeps short: at
9600 baud a door is too slow for 300 ms.
"""

from __future__ import annotations

import logging
import time

from osdp import ControlPanel, OutputControl, OutputControlCode, OutputControls
from osdp import SerialPortOsdpConnection as SerialConnection

from qr_terminals.doors.locks import LockError

TENTHS = 10  # OSDP counts outputs in tenths of a second
ONLINE_SECONDS_MAX = 2.0
ANSWER_SECONDS_MAX = 1.0
_POLL_SECONDS = 0.02
_PERMANENT_ON = OutputControlCode.PermanentStateOnAbortTimedOperation
_PERMANENT_OFF = OutputControlCode.PermanentStateOffAbortTimedOperation
_TIMED_ON = OutputControlCode.TemporaryStateOnResumePermanentState


class OsdpLock:
    """Output `output` of the device at `address`; with a master key in a secure channel."""

    def __init__(
        self,
        port: str,
        address: int = 0,
        *,
        output: int = 0,
        baud_rate: int = 115_200,
        master_key: bytes | None = None,
    ) -> None:
        # the package logs every missed poll with a traceback; `is_connected` says it once
        logging.getLogger("osdp").setLevel(logging.CRITICAL)
        self._address, self._output = address, output
        self._panel = ControlPanel(master_key)
        self._panel._reply_timeout = ANSWER_SECONDS_MAX  # noqa: SLF001 - else five seconds
        self._bus = self._panel.start_connection(SerialConnection(port, baud_rate))
        self._panel.add_device(
            self._bus, address, use_crc=True, use_secure_channel=master_key is not None
        )
        self._name = f"{port} OSDP {address}"

    def open_for(self, seconds: int) -> None:
        """Open; the device shuts it."""
        self._send(_TIMED_ON, seconds * TENTHS)

    def hold_open(self) -> None:
        """Open until told otherwise."""
        self._send(_PERMANENT_ON, 0)

    def shut(self) -> None:
        """Shut."""
        self._send(_PERMANENT_OFF, 0)

    def close(self) -> None:
        """Let go of the bus; the device stays as it is."""
        self._panel.shutdown()

    @property
    def is_connected(self) -> bool:
        """Whether the device answered lately."""
        return bool(self._panel.is_online(self._bus, self._address))

    def _send(self, code: OutputControlCode, tenths: int) -> None:
        until = time.monotonic() + ONLINE_SECONDS_MAX
        while not self.is_connected:
            if time.monotonic() > until:
                raise self._error("no answer on the bus")
            time.sleep(_POLL_SECONDS)
        control = OutputControls([OutputControl(self._output, code, tenths)])
        try:
            if not self._panel.output_control(self._bus, self._address, control):
                raise self._error("the device refused")
        except TimeoutError as error:
            raise self._error("no answer in time") from error

    def _error(self, why: str) -> LockError:
        return LockError(
            f"门锁没有反应（{self._name}）。", f"The lock did not obey ({self._name}: {why})."
        )
