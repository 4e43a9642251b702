"""
Who stands at the kiosk, and until when: the only memory of a person on this box.

A visit ends by a touch of "leave", when nobody has touched the screen for a while, when another
code is scanned, when the server says so, and with the program. Then everything about the person
is dropped at once, and the server is told; when it cannot be reached, the visit ends there by
itself minutes later.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from qr_terminals.errors import RequestError, ServerError
from qr_terminals.kiosk.hall import Hall, Login, Opened
from qr_terminals.page import Feed

IDLE_SECONDS: Final = 60.0
"""So long nobody has touched anything: the person is forgotten."""
WARNING_SECONDS: Final = 20.0
"""The last seconds of these are counted down in large figures."""
TICK_SECONDS: Final = 0.2
TELL_SECONDS: Final = 1.0
"""So often the seconds left are told: a page that was opened anew counts right."""
OFFLINE: Final = 0
"""The status of a ServerError when nothing came back."""


@dataclass(slots=True)
class Visitor:
    """Whoever stands here. `number` counts visits since the start, for the page alone."""

    number: int
    visit_id: int
    is_helped: bool
    deeds: tuple[str, ...]
    utc_offset_seconds: int
    ends: float
    idle_ends: float
    payments: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False)
    emergency: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def until(self) -> float:
        """When he is forgotten, by the clock of `Visitors`."""
        return min(self.ends, self.idle_ends)


class Visitors:
    """Opens and ends visits, one at a time. `clock` is monotonic seconds."""

    def __init__(
        self,
        hall: Hall,
        feed: Feed,
        clock: Callable[[], float],
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._hall = hall
        self._feed = feed
        self._clock = clock
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._asking = threading.Lock()  # openings and endings reach the server in their order
        self._visitor: Visitor | None = None
        self._number = 0
        self._told_at = 0.0
        self._tell_idle(None)

    # ------------------------------------------------------------------------- opening, ending

    def scan(self, text: str) -> None:
        """Somebody showed a code: whoever was here is forgotten first, whatever the code is."""
        self.open(lambda: self._hall.open(text))

    def open(self, ask: Callable[[], Opened]) -> None:
        """Somebody showed something that the server is to judge: as `scan`."""
        self._open(ask, is_helped=False)

    def refuse(self, error: ServerError) -> None:
        """Somebody showed something that is no credential: whoever was here is forgotten."""

        def ask() -> Opened:
            raise error

        self.open(ask)

    def help(self, login: Login, number: str) -> None:
        """Open a visit for somebody without a phone. RequestError says why not."""
        error = self._open(lambda: self._hall.open_with_help(login, number), is_helped=True)
        if error is not None:
            raise refusal_of(error)

    def leave(self, visitor: Visitor | None = None) -> None:
        """Forget whoever is here, or only `visitor`, and tell the server.

        Without a connection the visit ends there by itself, minutes later.
        """
        with self._asking:
            if visitor is not None and self._visitor is not visitor:
                return  # somebody else has come in this moment
            self._forget(None)
            with contextlib.suppress(ServerError):
                self._hall.leave()

    def tick(self) -> None:
        """Forget a person whose time is over; called every TICK_SECONDS."""
        with self._lock:
            visitor, now = self._visitor, self._clock()
            is_over = visitor is not None and now >= visitor.until
            if visitor is not None and not is_over and now - self._told_at >= TELL_SECONDS:
                self._tell_visitor(visitor)
        if is_over:
            self.leave(visitor)

    # ------------------------------------------------------------------------------- who is here

    def here(self, number: object) -> Visitor:
        """The person a page speaks of, whose time begins anew; RequestError when he has gone."""
        with self._lock:
            visitor, now = self._visitor, self._clock()
            is_his = visitor is not None and type(number) is int and visitor.number == number
            if visitor is None or not is_his or now >= visitor.until:
                raise RequestError(409, "visit_over", "本次服务已结束。", "This visit is over.")
            visitor.idle_ends = now + self._idle_seconds
            self._tell_visitor(visitor)
            return visitor

    def end(self, visitor: Visitor) -> None:
        """The server says that this visit is over."""
        with self._lock:
            is_here = self._visitor is visitor
        if is_here:
            self._forget(None)

    # ----------------------------------------------------------------------------------- inside

    def _open(self, ask: Callable[[], Opened], *, is_helped: bool) -> ServerError | None:
        with self._asking:
            was_here = self._forget(None)
            self._feed.publish("screen", {"screen": "checking"})
            try:
                if was_here:
                    self._hall.leave()
                opened = ask()
            except ServerError as error:
                self._forget(error)
                return error
            self._begin(opened, is_helped=is_helped)
            return None

    def _begin(self, opened: Opened, *, is_helped: bool) -> None:
        now = self._clock()
        with self._lock:
            self._number += 1
            self._visitor = Visitor(
                number=self._number,
                visit_id=opened.visit_id,
                is_helped=is_helped,
                deeds=opened.deeds,
                utc_offset_seconds=opened.utc_offset_seconds,
                ends=now + opened.seconds,
                idle_ends=now + self._idle_seconds,
            )
            self._tell_visitor(self._visitor)

    def _forget(self, error: ServerError | None) -> bool:
        with self._lock:
            was_here, self._visitor = self._visitor is not None, None
            self._tell_idle(error)
        return was_here

    def _tell_idle(self, error: ServerError | None) -> None:
        refusal = None if error is None else {"zh": error.zh, "en": error.en}
        self._feed.publish("screen", {"screen": "idle", "refusal": refusal})

    def _tell_visitor(self, visitor: Visitor) -> None:
        self._told_at = self._clock()
        facts = {
            "screen": "visit",
            "visit": visitor.number,
            "is_helped": visitor.is_helped,
            "deeds": visitor.deeds,
            "utc_offset_seconds": visitor.utc_offset_seconds,
            "seconds_left": visitor.until - self._told_at,
            "warning_seconds": min(WARNING_SECONDS, self._idle_seconds / 3),
        }
        self._feed.publish("screen", facts)


def refusal_of(error: ServerError) -> RequestError:
    """What a page is told when the server refused, or did not answer."""
    if error.status == OFFLINE:
        return RequestError(
            502,
            "offline",
            "暂时连不上服务器，请稍后再试。",
            "The server cannot be reached right now; please try again later.",
        )
    return RequestError(error.status, error.word or "refused", error.zh, error.en)
