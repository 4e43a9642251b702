"""Scanners that pose as keyboards: what keys spell, and whose they are."""

from __future__ import annotations

import queue
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from evdev import InputDevice, InputEvent, ecodes
from hypothesis import given
from hypothesis import strategies as st

from campus_code import RefusedError, parse_code
from qr_terminals.errors import ConfigError
from qr_terminals.readers import Scan
from qr_terminals.readers.framing import Framer
from qr_terminals.readers.hid import FOREIGN_KEY, HidReader, KeyDecoder
from tests.terminals.bench import codes_into, wait_for
from tests.terminals.keyboards import Plug, key, stroke, typed

CODE = "9072024001301040897646836818487666"
PATH = "/dev/input/by-id/usb-Scanner-event-kbd"
Events = list[tuple[int, int, int]]


def spelt(events: Events) -> bytes:
    decoder = KeyDecoder()
    return b"".join(decoder.decode(InputEvent(0, 0, *event)) for event in events)


def scans(events: Events) -> list[str]:
    found: list[str] = []
    framer = Framer(found.append, lambda: 0.0)
    framer.feed(spelt(events))
    framer.flush()
    return found


@pytest.mark.parametrize("on_keypad", [False, True])
def test_digits_are_digits_on_both_rows(on_keypad: bool) -> None:  # noqa: FBT001  a parameter
    assert scans(typed(f"{CODE}\r", on_keypad=on_keypad)) == [CODE]


def test_every_sign_of_the_us_layout_is_read_whatever_layout_the_system_has() -> None:
    signs = "".join(sorted(set(string.printable) - set("\n\x0b\x0c")))
    assert spelt(typed(signs)) == signs.encode().replace(b"\x1b", FOREIGN_KEY)


def test_a_symbology_identifier_that_needs_shift_is_left_out() -> None:
    assert scans(typed(f"]Q1{CODE}\r")) == [CODE]


@given(st.integers(0, len(CODE) - 1))
def test_a_dropped_key_is_33_digits_and_no_code(lost: int) -> None:
    (text,) = scans(typed(f"{CODE[:lost]}{CODE[lost + 1 :]}\r"))
    with pytest.raises(RefusedError, match="could not be read"):
        parse_code(text)


def test_a_lost_release_repeats_nothing() -> None:
    held = [*stroke(key("9")), *stroke(key("9"), value=2), *stroke(key("9"), value=2)]
    assert scans([*held, *typed(f"{CODE[1:]}\r")]) == [CODE]


def test_when_the_kernel_lost_events_the_scan_is_unreadable_and_the_next_is_whole() -> None:
    lost = [*stroke(key("LEFTSHIFT")), (ecodes.EV_SYN, ecodes.SYN_DROPPED, 0)]
    first, second = scans([*lost, *typed(f"{CODE}\r{CODE}\r")])
    assert not first.isdigit()
    assert second == CODE


@pytest.mark.parametrize("chord", ["LEFTCTRL", "RIGHTALT", "LEFTMETA"])
def test_a_chord_is_neither_a_digit_nor_a_command(chord: str) -> None:
    events = [*stroke(key(chord)), *typed("9"), *stroke(key(chord), value=0)]
    (text,) = scans([*events, *typed(f"{CODE[1:]}\r")])
    assert text == f"\\x1b{CODE[1:]}"


@pytest.mark.parametrize("name", ["ESC", "F1", "DELETE", "UP", "POWER", "PLAYPAUSE", "F24"])
def test_a_key_that_is_no_character_makes_the_scan_unreadable(name: str) -> None:
    (text,) = scans([*stroke(key(name)), *typed(f"{CODE}\r")])
    assert text == f"\\x1b{CODE}"


def test_num_lock_and_caps_lock_around_a_scan_are_nothing() -> None:
    lock = [*stroke(key("NUMLOCK")), *stroke(key("CAPSLOCK"))]
    assert scans([*lock, *typed(CODE), *lock, *typed("\r")]) == [CODE]


@given(st.lists(st.tuples(st.integers(0, 31), st.integers(0, 767), st.integers(-5, 5))))
def test_no_event_is_more_than_one_byte_of_seven_bits(events: Events) -> None:
    decoder = KeyDecoder()
    for event in events:
        spelt_bytes = decoder.decode(InputEvent(0, 0, *event))
        assert len(spelt_bytes) <= 1
        assert spelt_bytes.isascii()


# ------------------------------------------------------------------------------- the device


@pytest.fixture
def plug() -> Plug:
    return Plug()


@pytest.fixture
def found() -> queue.Queue[Scan]:
    return queue.Queue()


@pytest.fixture
def reader(plug: Plug, found: queue.Queue[Scan]) -> Iterator[HidReader]:
    reader = HidReader(PATH, plug.open)
    reader.start(codes_into(found.put))
    yield reader
    reader.stop()


def test_it_is_grabbed_before_anything_is_read_and_given_back_at_the_end(
    plug: Plug, reader: HidReader, found: queue.Queue[Scan]
) -> None:
    wait_for(lambda: reader.is_connected)
    assert plug.told == ["grab"]
    plug.send(typed(f"{CODE}\r"))
    assert found.get(timeout=2) == Scan(CODE)
    reader.stop()
    assert plug.told == ["grab", "ungrab", "close"]
    assert not reader.is_connected


def test_a_scan_without_enter_ends_after_a_moment(
    plug: Plug, reader: HidReader, found: queue.Queue[Scan]
) -> None:
    wait_for(lambda: reader.is_connected)
    plug.send(typed(CODE))
    assert found.get(timeout=2) == Scan(CODE)


def test_a_scanner_that_another_program_holds_is_not_read(
    plug: Plug, found: queue.Queue[Scan]
) -> None:
    plug.is_grabbed_elsewhere = True
    reader = HidReader(PATH, plug.open)
    reader.start(codes_into(found.put))
    wait_for(lambda: "close" in plug.told)
    assert not reader.is_connected
    plug.is_grabbed_elsewhere = False
    wait_for(lambda: reader.is_connected)
    reader.stop()


def test_an_unplugged_scanner_is_opened_and_grabbed_again(
    plug: Plug, reader: HidReader, found: queue.Queue[Scan]
) -> None:
    wait_for(lambda: reader.is_connected)
    plug.send(typed(CODE[:20]))  # cut off in the middle of a code
    plug.unplug()
    wait_for(lambda: not reader.is_connected)
    plug.is_in = True
    wait_for(lambda: reader.is_connected)
    plug.send(typed(f"{CODE}\r"))
    assert found.get(timeout=2) == Scan(CODE)
    assert plug.told == ["grab", "close", "grab"]


def test_a_path_that_is_no_path_is_explained() -> None:
    with pytest.raises(ConfigError, match="HID scanner is named by its whole path"):
        HidReader("event3")


def test_what_is_no_input_device_is_tried_again_by_evdev_itself(tmp_path: Path) -> None:
    path = tmp_path / "event-kbd"
    tried: list[str] = []

    def open_device(name: str) -> InputDevice[str]:
        tried.append(name)
        return InputDevice(name)

    reader = HidReader(str(path), open_device)
    reader.start(lambda _: None)
    wait_for(lambda: len(tried) == 1)
    path.touch()  # there now, but no ioctl of evdev's works on it
    wait_for(lambda: len(tried) == 3)
    assert not reader.is_connected
    reader.stop()
