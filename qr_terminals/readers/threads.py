"""What every reader does alike: a thread of its own, and opening again what went away."""

from __future__ import annotations

import abc
import threading

from qr_terminals.readers import Sink

STOP_SECONDS = 3.0


class ReaderThread(abc.ABC):
    """
    A reader on a thread of its own. What derives from it says in `_hold` how its hardware is opened
    and read; `gone` are the faults that mean "not there", after which it is opened again.
    """

    def __init__(self, name: str, gone: tuple[type[Exception], ...], reopen_seconds: float) -> None:
        self.name = name
        self._gone = gone
        self._reopen_seconds = reopen_seconds
        self._is_connected = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the hardware is open now."""
        return self._is_connected

    def start(self, sink: Sink) -> None:
        """Read until stopped."""
        name = f"reader {self.name}"
        self._thread = threading.Thread(target=self._run, args=(sink,), name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let go of the hardware."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=STOP_SECONDS)

    @abc.abstractmethod
    def _hold(self, sink: Sink) -> None:
        """Open the hardware, set `_is_connected`, read until `_stopping`, and let go of it."""

    def _run(self, sink: Sink) -> None:
        while not self._stopping.is_set():
            try:
                self._hold(sink)
            except self._gone:
                pass  # unplugged, not there yet, or no right to it: the heartbeat says so
            finally:
                self._is_connected = False
            self._stopping.wait(self._reopen_seconds)
