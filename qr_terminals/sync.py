"""
The terminal's contact with the server: records up, documents down, again and again.

One contact: the records that wait go up in signed sets, then one sync reports what is held and
brings what is newer. A failed upload does not keep a denylist away, nor does a long one: after ten
seconds, or when the server asks to come back later, the rest goes up in the next contact, soon.
After a failure the next contact waits longer, jittered, so that a hall of terminals does not come
back as one.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from campus_code import DocumentError, DocumentFault, DocumentKind, RecordSet, sign_record_set
from qr_terminals import SOFTWARE
from qr_terminals.answers import SyncAnswer, UploadOutcome
from qr_terminals.chain import Trouble, is_trouble
from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.drill import DrillOrder
from qr_terminals.errors import (
    JournalBrokenError,
    JournalError,
    LaterError,
    RevokedError,
    ServerError,
    TerminalError,
)
from qr_terminals.holdings import Holdings
from qr_terminals.journal import RETENTION_SECONDS, Journal
from qr_terminals.keys import DeviceKeys
from qr_terminals.shifts import forget_shifts, told_shifts

BACK_OFF_SECONDS_MAX = 300.0
EVENTS_RETRY_SECONDS = 2.0
UPLOAD_SECONDS_MAX = 10.0
"""A contact begins no further set after this: a terminal that was away long needs its sync."""
_random = secrets.SystemRandom().random


@dataclass(frozen=True, slots=True)
class Synced:
    """
    A sync went through; `through` is the last sequence uploaded, or None when not all could be:
    `more_in_seconds` then says when the rest may go up.
    """

    at: int
    through: int | None
    taken: tuple[str, ...]
    drill: DrillOrder | None = None
    more_in_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class SyncFailed:
    """A contact failed; `is_revoked` when the server says this terminal is."""

    error: TerminalError
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class Pushed:
    """A denylist came by push and is in force."""

    version: int


SyncNews = Synced | SyncFailed | Pushed


@dataclass(frozen=True, slots=True)
class Health:
    """What only the terminal itself knows of how it is."""

    is_paused: bool = False
    is_drilled: bool = False
    readiness: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """Everything a contact needs."""

    client: Client
    journal: Journal
    holdings: Holdings
    clock: TrustedClock
    keys: DeviceKeys
    terminal_id: int
    health: Callable[[], Health]

    def make(self) -> Synced:
        """
        One contact. Every part is tried; then the first thing that failed is raised: ServerError,
        JournalError (the disk: records went up all the same) or JournalBrokenError.
        """
        failed: list[TerminalError] = []
        through: int | None = None
        more_in: int | None = None
        try:
            number = self.journal.next_contact()
        except JournalError as error:
            number = self.journal.mark("contact") + 1
            failed.append(error)
        try:
            if not self.health().is_drilled:
                through, more_in = self._upload(number)
        except (ServerError, JournalError, JournalBrokenError) as error:
            failed.append(error)
        answer = self._sync()
        taken = tuple(kind.name.lower() for raw in answer.documents if (kind := self.take(raw)))
        at = self.clock.rough()
        try:
            self._check_not_behind(answer)
            has_gap = any(_is_gap(error) for error in failed)
            self.journal.confirm(answer.confirmed_through, number, has_gap=has_gap)
            forget_shifts(self.journal, answer.shifts_through)
            self._note(at, through)
        except (JournalError, JournalBrokenError) as error:
            failed.append(error)
        if failed:
            raise failed[0]
        return Synced(at, through, taken, answer.drill, more_in)

    def _note(self, at: int, through: int | None) -> None:
        self.journal.prune(at - RETENTION_SECONDS)
        self.journal.set_mark("last_sync_at", at)
        if through is not None:
            self.journal.set_mark("synced_through", through)

    def _upload(self, number: int) -> tuple[int | None, int | None]:
        """
        Upload every waiting record: the last sequence that stood before the first set, and None.
        When the server asks for a pause, or the contact takes too long: None, and the seconds
        until the rest may go up.

        A disk that cannot keep the server's answers holds no record back: JournalError then comes
        after all of them went up.
        """
        through, last, more_in = self.journal.sequence, 0, None
        until = self.clock.boot_now() + UPLOAD_SECONDS_MAX
        unkept: JournalError | None = None
        while True:
            previous_hash, records = self.journal.to_upload(after=last)
            if not records:
                break
            if last and self.clock.boot_now() >= until:
                more_in = 0
                break
            record_set = RecordSet(self.terminal_id, previous_hash, records)
            raw = sign_record_set(record_set, self.clock.rough(), self.keys.signing)
            try:
                outcomes = self.client.upload(raw)
            except LaterError as error:
                more_in = error.retry_after_seconds
                break
            last = _answered_through(records[0].sequence, records[-1].sequence, outcomes)
            troubles = [
                Trouble(one.sequence, one.outcome, one.reason)
                for one in outcomes
                if is_trouble(one.outcome) and one.sequence <= last
            ]
            try:
                self.journal.acknowledge(last, troubles, number)
            except JournalError as error:
                unkept = unkept or error
        if unkept is not None:
            raise unkept
        return (None, more_in) if more_in is not None else (through, None)

    def _sync(self) -> SyncAnswer:
        asked = self.clock.boot_now()
        answer = self.client.sync(self._report())
        middle = (asked + self.clock.boot_now()) / 2
        if not self.clock.set_server_time(answer.server_at, middle):
            raise ServerError(
                "服务器时间早于它签名的文件，不采用。",
                "The server's time is before a document it signed; not believed.",
            )
        return answer

    def _report(self) -> dict[str, object]:
        sequence, chain = self.journal.tip
        health = self.health()
        shifts = told_shifts(self.journal)
        return {
            **({"shifts": shifts} if shifts else {}),
            "versions": self.holdings.versions(),
            **({"has_psam": True} if self.holdings.has_psam else {}),
            "heartbeat": {
                "at": self.clock.rough(),
                "journal_depth": self.journal.depth(),
                "highest_sequence": sequence,
                "journal_hash": chain.hex(),
                "software": SOFTWARE,
                "readiness": health.readiness,
                "refusals": self.journal.refusals(),
                "paused": health.is_paused,
            },
            "confirmed_through": self.journal.confirmed_through(),
        }

    def take(self, raw: bytes) -> DocumentKind | None:
        """Take over a document the server sent; None when it is held already, or is refused."""
        try:
            kind = self.holdings.take(raw)
        except DocumentError as error:
            if error.why is not DocumentFault.STALE_VERSION:
                self.holdings.refuse(raw, error)
            return None
        self.clock.raise_signed_mark(self.holdings.now.issued_at)
        return kind

    def _check_not_behind(self, answer: SyncAnswer) -> None:
        # an attempt may be on its way, so one more than the journal's last is no surprise
        if answer.confirmed_through > self.journal.next_sequence:
            raise JournalBrokenError(
                "服务器的流水比本机多，本机流水曾丢失；请联系卡务中心重新登记。",
                "The server holds more records than this journal, so some were lost here; "
                "call the card office to enrol again.",
                self.journal.sequence,
            )


class SyncLoop:
    """Makes contacts on a thread of its own; `tell` gets the news on that thread."""

    def __init__(
        self, contact: Contact, tell: Callable[[SyncNews], None], interval_seconds: float
    ) -> None:
        self._contact = contact
        self._tell = tell
        self._interval = interval_seconds
        self._failures = 0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name="sync", daemon=True),
            threading.Thread(target=self._follow, name="events", daemon=True),
        ]

    def start(self) -> None:
        """Begin with a contact at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the contact under way; does not wait for it."""
        self._stopping.set()
        self._wake.set()

    def wake(self) -> None:
        """Make a contact now."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                news: SyncNews = self._contact.make()
                self._failures = 0
            except (ServerError, JournalError, JournalBrokenError) as error:
                self._failures += 1
                news = SyncFailed(error, isinstance(error, RevokedError))
            self._tell(news)
            wait = back_off(self._interval, self._failures, _random())
            if isinstance(news, Synced) and news.more_in_seconds is not None:
                wait = min(wait, spread(news.more_in_seconds, _random()))
            self._wake.wait(wait)

    def _follow(self) -> None:
        while not self._stopping.is_set():
            is_fresh = True
            try:
                for name, document in self._contact.client.events():
                    if is_fresh:  # the network is back: what waits goes up now
                        self._wake.set()
                        is_fresh = False
                    self._take_event(name, document)
            except ServerError:
                # the sync loop says what is wrong with the network; a push is only its shortcut
                self._stopping.wait(EVENTS_RETRY_SECONDS * (1 + _random()))

    def _take_event(self, name: str, document: bytes) -> None:
        is_denylist = bool(document) and name == "denylist"
        if is_denylist and self._contact.take(document) is DocumentKind.DENYLIST:
            self._tell(Pushed(self._contact.holdings.now.denylist.version))
        if name:
            self._wake.set()  # the server learns soon which version is held here


def back_off(interval_seconds: float, failures: int, chance: float) -> float:
    """Seconds until the next contact: doubling with failures, then half to all of it by chance."""
    longest = max(BACK_OFF_SECONDS_MAX, interval_seconds)
    whole = min(interval_seconds * float(2 ** min(failures, 16)), longest)
    return whole if failures == 0 else whole * (0.5 + chance / 2)


def spread(seconds: float, chance: float) -> float:
    """The seconds a server asked for and up to a quarter more by chance."""
    return seconds * (1 + chance / 4)


def _is_gap(error: TerminalError) -> bool:
    return isinstance(error, ServerError) and error.word == "journal_gap"


def _answered_through(first: int, last: int, outcomes: list[UploadOutcome]) -> int:
    answered = {one.sequence for one in outcomes}
    through = first - 1
    while through < last and through + 1 in answered:
        through += 1
    if through < first:
        raise ServerError(
            "服务器没有回答上传的流水。", "The server answered for none of the uploaded records."
        )
    return through
