"""
Typed lines: what a cashier's keypad, a script or a test tells the terminal.

`amount 1250` (fen), `amount -` clears it, `dishes 12*2 7` (codes of the menu), `pin 123456`,
`code 9072 0240 …`, `void`, `void 41`, `void 41 PIN`, `training on`, `training off PIN`,
`shift open 27`, `shift close`, `shift close 88000` (fen counted), `status`, `quit`. A typed code is
the 34 digits under a picture that no reader can read, or the 16 of an emergency code, in any
grouping; it goes the way of a scan. Lines come from standard input, or from a unix socket that only
the terminal's own user may open; the cashier's page gives the same orders. Readers never get here:
what is scanned is no command.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from campus_code import CODE_DIGITS, Dish
from campus_code.emergency import EMERGENCY_CREDENTIAL_DIGITS
from qr_terminals.disk import PRIVATE_MODE
from qr_terminals.errors import ConfigError

LINE_BYTES_MAX = 200
AMOUNT_DIGITS_MAX = 8
PIN_DIGITS_MAX = 12
CODE_DIGITS_MAX = 4
SEQUENCE_DIGITS_MAX = 12
CASHIER_DIGITS_MAX = 6
TYPED_CODE_DIGITS = frozenset((CODE_DIGITS, EMERGENCY_CREDENTIAL_DIGITS))
_BARE = frozenset(("void", "status", "quit"))


@dataclass(frozen=True, slots=True)
class Line:
    """One typed line."""

    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """
    A line understood; `verb` is "" when it was not. `amount_fen` is what is asked for, or what was
    counted; `sequence` names a payment, to be voided, or the last one that was seen when a list of
    dishes was begun; `pin` is the cardholder's, or a supervisor's.
    """

    verb: str
    amount_fen: int | None = None
    pin: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    dishes: tuple[Dish, ...] = ()
    sequence: int | None = None
    is_on: bool = False
    cashier: int = 0


NOT_UNDERSTOOD = Order("")
Sink = Callable[[Line], None]


def read_line(text: str) -> Order:
    """What a typed line means."""
    words = text.split()
    match words:
        case [verb] if verb in _BARE:
            return Order(verb)
        case ["amount", "-"]:
            return Order("amount")
        case ["amount", digits] if _is_digits(digits, AMOUNT_DIGITS_MAX) and int(digits) > 0:
            return Order("amount", amount_fen=int(digits))
        case ["pin", digits] if _is_digits(digits, PIN_DIGITS_MAX):
            return Order("pin", pin=digits)
        case ["code", *groups] if _is_code("".join(groups)):
            return Order("code", code="".join(groups))
    return _read_desk(words)


def _read_desk(words: list[str]) -> Order:
    match words:
        case ["dishes", *codes] if codes:
            return _read_dishes(codes)
        case ["void", *rest]:
            return _read_void(rest)
        case ["training", "on" | "off" as switch, *rest] if _are_pins(rest):
            return Order("training", is_on=switch == "on", pin="".join(rest))
        case ["shift", *rest]:
            return _read_shift(rest)
    return NOT_UNDERSTOOD


def _read_dishes(codes: list[str]) -> Order:
    dishes = []
    for text in codes:
        code, _, times = text.partition("*")
        if not _is_digits(code, CODE_DIGITS_MAX) or not _is_digits(times or "1", 2):
            return NOT_UNDERSTOOD
        dishes.append(Dish(code, int(times or "1")))
    return Order("dishes", dishes=tuple(dishes))


def _read_void(rest: list[str]) -> Order:
    match rest:
        case [digits, *pins] if _is_digits(digits, SEQUENCE_DIGITS_MAX) and _are_pins(pins):
            return Order("void", sequence=int(digits), pin="".join(pins))
    return NOT_UNDERSTOOD


def _read_shift(rest: list[str]) -> Order:
    match rest:
        case ["open"]:
            return Order("shift_open")
        case ["open", digits] if _is_digits(digits, CASHIER_DIGITS_MAX):
            return Order("shift_open", cashier=int(digits))
        case ["close"]:
            return Order("shift_close")
        case ["close", digits] if _is_digits(digits, AMOUNT_DIGITS_MAX + 2):
            return Order("shift_close", amount_fen=int(digits))
    return NOT_UNDERSTOOD


def _are_pins(words: list[str]) -> bool:
    return len(words) <= 1 and all(_is_digits(word, PIN_DIGITS_MAX) for word in words)


def follow_lines(lines: TextIO, sink: Sink) -> threading.Thread:
    """Give every line of a stream to the sink, on a thread of its own."""

    def run() -> None:
        while text := lines.readline(LINE_BYTES_MAX):
            sink(Line(text.strip()))

    thread = threading.Thread(target=run, name="control", daemon=True)
    thread.start()
    return thread


class ControlSocket:
    """A unix socket for typed lines; one connection at a time is enough for a keypad."""

    def __init__(self, path: Path, sink: Sink) -> None:
        self._path = path
        self._sink = sink
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()  # left by a killed program; the home's lock says nobody else is there
        try:
            self._socket.bind(str(path))
        except OSError as error:
            raise ConfigError(
                f"控制通道 {path} 打不开。", f"The control socket {path} cannot be made: {error}."
            ) from error
        os.chmod(path, PRIVATE_MODE)  # noqa: PTH101  # before anybody can connect
        self._socket.listen()
        threading.Thread(target=self._run, name="control", daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        lines = connection.makefile("r", encoding="utf-8", errors="replace")
        with connection, lines, contextlib.suppress(OSError):
            while text := lines.readline(LINE_BYTES_MAX):
                self._sink(Line(text.strip()))


def _is_digits(text: str, longest: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= longest


def _is_code(text: str) -> bool:
    return len(text) in TYPED_CODE_DIGITS and _is_digits(text, len(text))
