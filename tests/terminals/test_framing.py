"""Where one scan ends and the next begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qr_terminals.readers.framing import FRAME_BYTES_MAX, IDLE_SECONDS, Framer

CODE = "9072024001301040897646836818487666"
OTHER = "9072024001301041955908396362480675"


class Bench:
    def __init__(self) -> None:
        self.at = 0.0
        self.scans: list[str] = []
        self.framer = Framer(self.scans.append, lambda: self.at)

    def feed(self, *parts: bytes, apart: float = 0.01) -> list[str]:
        for part in parts:
            self.framer.feed(part)
            self.at += apart
        return self.scans

    def wait(self, seconds: float) -> list[str]:
        self.at += seconds
        self.framer.idle()
        return self.scans


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t", b"\r\n\r\n"])
def test_every_terminator_ends_a_scan_once(bench: Bench, end: bytes) -> None:
    assert bench.feed(CODE.encode() + end) == [CODE]


def test_a_scan_may_come_byte_by_byte(bench: Bench) -> None:
    assert bench.feed(*(bytes((one,)) for one in CODE.encode() + b"\r")) == [CODE]


def test_a_scan_may_come_in_two_halves(bench: Bench) -> None:
    assert bench.feed(CODE[:17].encode(), CODE[17:].encode() + b"\r") == [CODE]


def test_silence_ends_a_scan_without_terminator(bench: Bench) -> None:
    bench.feed(CODE.encode(), apart=0.0)
    assert bench.wait(IDLE_SECONDS - 0.001) == []
    assert bench.wait(0.002) == [CODE]


def test_two_scans_in_one_read_are_two(bench: Bench) -> None:
    assert bench.feed(f"{CODE}\r\n{OTHER}\r\n".encode()) == [CODE, OTHER]


def test_half_a_scan_from_long_ago_is_no_beginning(bench: Bench) -> None:
    bench.feed(CODE[:20].encode(), apart=1.5)
    assert bench.feed(OTHER.encode() + b"\r") == [OTHER]


def test_half_a_code_and_then_another_is_one_wrong_text_not_a_mixture(bench: Bench) -> None:
    scans = bench.feed(CODE[:20].encode(), OTHER.encode() + b"\r")
    assert scans == [CODE[:20] + OTHER]  # 54 digits: unreadable, never a third code


def test_what_is_too_long_is_dropped_whole(bench: Bench) -> None:
    assert bench.feed(b"1" * (FRAME_BYTES_MAX + 1) + b"\r") == []
    assert bench.feed(CODE.encode() + b"\r") == [CODE]


def test_what_is_too_short_is_noise(bench: Bench) -> None:
    assert bench.feed(b"12345\r", b"\r\n\t\r") == []


@given(st.lists(st.binary(max_size=80), max_size=12))
def test_no_bytes_make_anything_but_printable_bounded_texts(parts: list[bytes]) -> None:
    bench = Bench()
    for text in bench.feed(*parts):
        assert 6 <= len(text) <= FRAME_BYTES_MAX
        assert text.isascii()
        assert text.isprintable()


@given(st.lists(st.integers(1, 40), max_size=6), st.sampled_from([b"\r", b"\n", b"\r\n", b"\t"]))
def test_cutting_the_stream_anywhere_changes_nothing(cuts: list[int], end: bytes) -> None:
    stream = end.join((CODE.encode(), OTHER.encode(), b""))
    bench = Bench()
    for cut in cuts:
        bench.feed(stream[:cut])
        stream = stream[cut:]
    bench.feed(stream)
    assert bench.scans == [CODE, OTHER]
