"""A scan is data, never keystrokes: whatever a code holds, the till's state stays what it was."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campus_code import RefusedError, parse_code, parse_emergency
from qr_terminals.control import read_line
from qr_terminals.readers import Scan
from qr_terminals.readers.framing import FRAME_BYTES_MAX, Framer, scan_text
from qr_terminals.state import TillState
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN, Campus

NOT_SCANNED = b"\x00\x02\x03\t\n\r "  # around a scan these are its edges
KEYS_OF_MENUS = (
    b"\x1b", b"\x1b[A", b"\x1bOP", b"\x1b[24~", b"\x1b[200~", b"\x03x", b"\x04x", b"\x1a",
    b"\rquit", b"\rvoid", b"\rstatus", b"\rpin 123456", b"\ramount 1", b"\r\n\r\namount -\r",
    b"\x1b\x1b:q!\r", b"\x7f\x7f\x7f", b"\x08" * 40, b"admin\r", b"F1", b"\\x0d", b"%0d%0a",
)  # fmt: skip


class Cable:
    """A serial scanner's bytes on their way into a terminal of this process."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self._framer = Framer(lambda text: rig.inbox.put(Scan(text)), lambda: 0.0)

    def send(self, data: bytes) -> list[dict[str, Any]]:
        """Send bytes with an end; the views they led to, and then let the display time pass."""
        begun = len(self.rig.shown_text)
        self._framer.feed(data + b"\r")
        self.rig.settle()
        shown = views(self.rig.shown_text[begun:])
        self.rig.clocks.pass_(self.rig.terminal.state.display_seconds)
        self.rig.terminal.tick()
        return shown

    @property
    def state(self) -> TillState:
        """The till's state, but for the second until which the last view was shown."""
        return self.rig.terminal.state._replace(until=0.0)


def views(text: str) -> list[dict[str, Any]]:
    lines = [orjson.loads(line) for line in text.splitlines()]
    return [line for line in lines if line["event"] == "shown" and line["result"] != "waiting"]


@pytest.fixture
def cable(offline_rig: Rig) -> Iterator[Cable]:
    offline_rig.type("amount 880")
    cable = Cable(offline_rig)
    before = cable.state
    yield cable
    assert cable.state == before, "what was scanned changed the till"
    assert offline_rig.journal.sequence == 0


def test_every_byte_alone_is_one_unreadable_code(cable: Cable) -> None:
    for byte in set(range(0x100)) - set(NOT_SCANNED):
        (view,) = cable.send(bytes((byte,)))
        assert (view["result"], view["reason"]) == ("refused", "unreadable"), byte


def test_keys_of_menus_are_one_unreadable_code(cable: Cable) -> None:
    for keys in KEYS_OF_MENUS:
        (view,) = cable.send(keys)
        assert (view["result"], view["reason"]) == ("refused", "unreadable"), keys


def test_a_line_behind_a_code_is_no_line(campus: Campus, cable: Cable) -> None:
    old = campus.code(1, campus.at - 3600)  # so that no money moves
    for keys in (b"\rquit", b"\ramount 1", b"\x1b[A", b"\nvoid"):
        shown = cable.send(old.encode() + keys)
        assert shown[-1]["reason"] == "unreadable"
        assert all(view["result"] == "refused" for view in shown)


def test_half_a_code_says_so_and_the_next_code_pays(offline_rig: Rig, campus: Campus) -> None:
    cable = Cable(offline_rig)
    code = campus.code(1)
    (half,) = cable.send(code[:19].encode())
    assert half["reason"] == "unreadable"
    (whole,) = cable.send(campus.code(1).encode())
    assert (whole["result"], whole["charged_fen"]) == ("approved", FIXED_FEN)


def test_one_code_through_two_readers_at_once_is_one_payment_shown_twice(
    rig: Rig, campus: Campus
) -> None:
    begun = len(rig.shown_text)
    code = campus.code(1)
    threads = [threading.Thread(target=rig.inbox.put, args=(Scan(code),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    rig.settle()
    for thread in threads:
        thread.join()
    rig.scan(code)  # and once more while it is shown
    shown = views(rig.shown_text[begun:])
    assert len(shown) >= 2
    assert {view["result"] for view in shown} == {"approved"}
    assert len({(view["sequence"], view["charged_fen"], view["scan"]) for view in shown}) == 1
    assert rig.journal.sequence == 1


@given(st.binary(max_size=4296))
@settings(max_examples=500, deadline=None)
def test_no_bytes_are_more_than_a_refusal(data: bytes) -> None:
    """The whole way of a scan up to the keys: only refusals come of it, or a code of digits."""
    texts: list[str] = []
    framer = Framer(texts.append, lambda: 0.0)
    framer.feed(data)
    framer.flush()
    for text in [*texts, *([scan_text(data)] if data else [])]:
        for parse in (parse_code, parse_emergency):
            with contextlib.suppress(RefusedError):
                parse(text)
                assert text.isdigit()
        assert len(text) <= FRAME_BYTES_MAX


@given(st.text(alphabet=st.sampled_from("4２٣9 \x00\r]Q１"), min_size=1, max_size=60))
def test_digits_of_other_scripts_are_no_digits(text: str) -> None:
    shown = scan_text(text.encode())
    is_pure = set(text) <= set("49 ]Q")
    assert shown.isdigit() <= is_pure


@given(st.text(max_size=120))
def test_no_typed_line_is_more_than_an_order(text: str) -> None:
    order = read_line(text)
    assert order.verb in {"", "amount", "pin", "void", "status", "quit", "code"}
