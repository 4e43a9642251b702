"""The commands between a reader and a phone that plays a card, and the phone's side of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from campus_code.challenge import CHALLENGE_BYTES, Challenge, answer_challenge
from campus_code.errors import RefusedError
from campus_code.issue import issue_code
from campus_code.keys import PhoneSecrets

AID: Final = bytes.fromhex("F0434152440001")
PROTOCOL_VERSION: Final = 1
_HEAD_BYTES = 4
_CLASS_ISO = 0x00
_CLASS_OURS = 0x80
_SELECT = 0xA4
_GET_CODE = 0xCA
_CHALLENGE = 0xCC
_KNOWN = {_CLASS_ISO: (_SELECT,), _CLASS_OURS: (_GET_CODE, _CHALLENGE)}
_BY_NAME = b"\x04\x00"
_NO_PARAMETERS = b"\x00\x00"


class Status(enum.Enum):
    """The two bytes that end every answer, as ISO 7816-4 means them."""

    DONE = b"\x90\x00"
    WRONG_LENGTH = b"\x67\x00"
    NOT_NOW = b"\x69\x85"
    NOT_FOUND = b"\x6a\x82"
    WRONG_PARAMETERS = b"\x6a\x86"
    UNKNOWN_INSTRUCTION = b"\x6d\x00"
    UNKNOWN_CLASS = b"\x6e\x00"


def select_command() -> bytes:
    """SELECT by name: always a reader's first command."""
    return bytes((_CLASS_ISO, _SELECT)) + _BY_NAME + bytes((len(AID),)) + AID + b"\x00"


def get_code_command() -> bytes:
    """GET CODE: the 34 digits of this moment."""
    return bytes((_CLASS_OURS, _GET_CODE)) + _NO_PARAMETERS + b"\x00"


def challenge_command(asked: Challenge) -> bytes:
    """CHALLENGE: the digits and a MAC for this terminal, this amount and this tap."""
    head = bytes((_CLASS_OURS, _CHALLENGE)) + _NO_PARAMETERS
    return head + bytes((CHALLENGE_BYTES,)) + asked.to_bytes() + b"\x00"


def split_answer(raw: bytes) -> tuple[bytes, bytes]:
    """An answer's data and its two status bytes; both empty for an answer without a status."""
    if len(raw) < len(Status.DONE.value):
        return b"", b""
    return raw[:-2], raw[-2:]


@dataclass(slots=True)
class PhoneCard:
    """
    A phone in a reader's field, answering one command after the other.

    What a phone's own program does in its language; here for simulators and vectors.
    """

    secrets: PhoneSecrets | None
    is_selected: bool = False

    def leave(self) -> None:
        """Leave the field: the next reader selects anew."""
        self.is_selected = False

    def answer(self, command: bytes, at: int) -> bytes:
        """Answer one command at Unix second `at`; never raises, whatever the reader sends."""
        status, data = self._answer(command, at)
        return data + status.value

    def _answer(self, command: bytes, at: int) -> tuple[Status, bytes]:
        fault = _head_fault(command)
        if fault is not None:
            return fault, b""
        if command[1] == _SELECT:
            return self._select(command)
        if not self.is_selected:
            return Status.NOT_NOW, b""
        if command[1] == _GET_CODE:
            if len(command) > _HEAD_BYTES + 1:
                return Status.WRONG_LENGTH, b""
            return self._show(b"", at)
        asked = _data_of(command)
        if asked is None or len(asked) != CHALLENGE_BYTES:
            return Status.WRONG_LENGTH, b""
        return self._show(asked, at)

    def _select(self, command: bytes) -> tuple[Status, bytes]:
        name = _data_of(command)
        if name is None:
            return Status.WRONG_LENGTH, b""
        self.is_selected = name == AID
        if not self.is_selected:
            return Status.NOT_FOUND, b""
        return Status.DONE, bytes((PROTOCOL_VERSION,))

    def _show(self, asked: bytes, at: int) -> tuple[Status, bytes]:
        if self.secrets is None:
            return Status.NOT_NOW, b""
        try:
            code = issue_code(self.secrets, at)
        except RefusedError:  # an epoch that has not begun or is over
            return Status.NOT_NOW, b""
        if not asked:
            return Status.DONE, code.encode("ascii")
        return Status.DONE, answer_challenge(self.secrets, code, asked).to_bytes()


def _head_fault(command: bytes) -> Status | None:
    if len(command) < _HEAD_BYTES:
        return Status.WRONG_LENGTH
    if command[0] not in _KNOWN:
        return Status.UNKNOWN_CLASS
    if command[1] not in _KNOWN[command[0]]:
        return Status.UNKNOWN_INSTRUCTION
    wanted = _BY_NAME if command[1] == _SELECT else _NO_PARAMETERS
    return None if command[2:4] == wanted else Status.WRONG_PARAMETERS


def _data_of(command: bytes) -> bytes | None:
    """The data after Lc, with or without one Le byte behind it; None when lengths disagree."""
    if len(command) <= _HEAD_BYTES:
        return None
    length = command[_HEAD_BYTES]
    begins = _HEAD_BYTES + 1
    if len(command) - begins - length not in (0, 1):
        return None
    return command[begins : begins + length]
