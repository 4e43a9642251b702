"""
The whole error tree of the terminal program.

    TerminalError          stops a part of the terminal on purpose; says so in two languages
    ├── ConfigError        a setting or a command line is wrong
    ├── InUseError         another terminal program holds this home folder
    ├── KeyFileError       the device's keys cannot be used
    ├── EnrolmentError     the server did not enrol this device
    ├── ChipError          a physical card could not be written
    ├── JournalError       a record could not be made durable: take no more money
    │   └── JournalFullError   because the disk is full: nothing is wrong once there is room
    ├── JournalBrokenError the journal on disk is not the chain it should be
    ├── ShiftError         a shift cannot begin or end now
    ├── RequestError       a page on this box asked for something that cannot be
    └── ServerError        the server could not be asked, or its answer is not an answer
        ├── SessionError   the session is no longer good: make a new one
        ├── LaterError     the server asks to come back in so many seconds
        ├── VisitOverError the visit to this kiosk is over: forget the person
        └── RevokedError   the server says this terminal is revoked

Refusals of a credential are not errors of ours: they are `campus_code.RefusedError`.
"""

from __future__ import annotations


class TerminalError(Exception):
    """Base of the tree; `zh` and `en` are one sentence each for the person at the terminal."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh = zh
        self.en = en


class ConfigError(TerminalError):
    """A setting is missing or wrong; the sentence names it."""


class InUseError(TerminalError):
    """A second program on the same home folder would take the same sequence numbers."""


class KeyFileError(TerminalError):
    """The key file is missing, damaged or readable by others."""


class EnrolmentError(TerminalError):
    """The server refused the enrolment token or could not be reached."""


class ChipError(TerminalError):
    """A physical card was not written, or would be no safer than a fresh one."""


class JournalError(TerminalError):
    """A write did not become durable: disk full, input/output error, or out of order."""


class JournalFullError(JournalError):
    """There is no room, or only what is kept for going on; `free_megabytes` is what is left."""

    def __init__(self, zh: str, en: str, free_megabytes: int) -> None:
        super().__init__(zh, en)
        self.free_megabytes = free_megabytes


class JournalBrokenError(TerminalError):
    """What is on disk is not a whole chain; `sound_through` is the last sound sequence."""

    def __init__(self, zh: str, en: str, sound_through: int) -> None:
        super().__init__(zh, en)
        self.sound_through = sound_through


class ShiftError(TerminalError):
    """A shift is to begin while one is open, or to end while none is."""


class RequestError(TerminalError):
    """What a page sent is refused: `status` is HTTP's, `word` says which refusal it is."""

    def __init__(self, status: int, word: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.status = status
        self.word = word


class ServerError(TerminalError):
    """No answer, or an answer that is none. `status` is 0 when nothing came back."""

    def __init__(self, zh: str, en: str, status: int = 0, word: str = "") -> None:
        super().__init__(zh, en)
        self.status = status
        self.word = word


class SessionError(ServerError):
    """401: the session ended or was never known."""


class LaterError(ServerError):
    """429: nothing is wrong, it is not yet this terminal's turn."""

    def __init__(self, zh: str, en: str, word: str, retry_after_seconds: int) -> None:
        super().__init__(zh, en, 429, word)
        self.retry_after_seconds = retry_after_seconds


class VisitOverError(ServerError):
    """The visit has ended on the server's side."""


class RevokedError(ServerError):
    """403 terminal_revoked: the device takes no more payments."""
