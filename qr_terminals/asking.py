"""
Asking the server within a deadline, and knowing when not to.

The request runs on a thread of its own; the terminal does not wait for it longer than the deadline,
whatever the network does. After three failures in a row nobody is asked for a while, so that a
dead network costs the queue no time; a sync that goes through ends that at once. Not twice: where
syncs go through and answers still come too late, it is not the network; the pause runs its time.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from qr_terminals.answers import Answer
from qr_terminals.client import Client
from qr_terminals.errors import RevokedError, ServerError

FAILURES_MAX = 3
PAUSE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """
    A value: how often asking failed in a row, until when nobody is asked, and whether a sync has
    ended a pause since the last answer.
    """

    failures: int = 0
    paused_until: float = 0.0
    has_synced: bool = False

    def after_failure(self, at: float) -> Circuit:
        """The circuit after one more failure at boot second `at`."""
        failures = self.failures + 1
        if failures < FAILURES_MAX:
            return replace(self, failures=failures)
        return Circuit(FAILURES_MAX - 1, at + PAUSE_SECONDS, self.has_synced)

    def after_sync(self) -> Circuit:
        """The circuit after a sync that went through: only an answer to a tap makes it whole."""
        if self.paused_until == 0.0 or self.has_synced:
            return self
        return Circuit(FAILURES_MAX - 1, has_synced=True)

    def may_ask(self, at: float) -> bool:
        """Whether to ask at boot second `at`. After a pause one failure is enough for the next."""
        return at >= self.paused_until


@dataclass(frozen=True, slots=True)
class _Question:
    sequence: int
    body: Mapping[str, object]
    deadline_seconds: float


class Asker:
    """One request at a time on one thread; the answer is told to `tell(sequence, answer)`."""

    def __init__(self, client: Client, tell: Callable[[int, Answer | ServerError], None]) -> None:
        self._client = client
        self._tell = tell
        self._questions: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._is_busy = threading.Event()
        self._thread = threading.Thread(target=self._run, name="asker", daemon=True)

    @property
    def is_busy(self) -> bool:
        """Whether an earlier request is still out, past its deadline: then do not ask."""
        return self._is_busy.is_set()

    def start(self) -> None:
        """Begin to answer questions."""
        self._thread.start()

    def stop(self) -> None:
        """End after the request under way."""
        self._questions.put(None)

    def ask(self, sequence: int, body: Mapping[str, object], deadline_seconds: float) -> None:
        """Send one request; returns at once."""
        self._is_busy.set()
        self._questions.put(_Question(sequence, body, deadline_seconds))

    def _run(self) -> None:
        while (question := self._questions.get()) is not None:
            told: Answer | ServerError
            try:
                told = self._client.pay(question.body, question.deadline_seconds)
            except ServerError as error:
                told = error
            self._is_busy.clear()
            self._tell(question.sequence, told)


def is_revoked(told: Answer | ServerError) -> bool:
    """Whether the server said that this terminal is revoked."""
    return isinstance(told, RevokedError)
