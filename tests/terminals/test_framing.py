"""Where one scan ends and the next begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campus_code import RefusedError, parse_code
from qr_terminals.readers.framing import FRAME_BYTES_MAX, IDLE_SECONDS, Framer, scan_text

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


def test_what_is_too_long_is_one_text_that_is_no_code(bench: Bench) -> None:
    scans = bench.feed(CODE.encode() * 500 + b"\r")
    assert scans == [(CODE * 4)[:FRAME_BYTES_MAX]]
    assert bench.feed(CODE.encode() + b"\r") == [*scans[:1], CODE]


def test_half_a_code_is_reported_as_it_is(bench: Bench) -> None:
    assert bench.feed(CODE[:5].encode() + b"\r") == [CODE[:5]]


@pytest.mark.parametrize("empty", [b"\r\n\t\x03", b"\x00\x00\x00\r", b"\x02\x03", b"   \r"])
def test_a_scan_that_holds_nothing_is_none(bench: Bench, empty: bytes) -> None:
    assert bench.feed(empty) == []


@pytest.mark.parametrize("identifier", ["]Q0", "]Q1", "]C0", "]c1"])
def test_the_identifier_of_the_symbology_is_left_out(bench: Bench, identifier: str) -> None:
    assert bench.feed(f"{identifier}{CODE}\r".encode()) == [CODE]


@pytest.mark.parametrize(
    "frame",
    [b"\x00\x00%s\r", b"\x02%s\x03", b" %s \r\n", b"%s\t"],
    ids=["after a break of the line", "between STX and ETX", "between blanks", "with a TAB"],
)
def test_what_scanners_put_around_a_code_is_left_out(bench: Bench, frame: bytes) -> None:
    assert bench.feed(frame % CODE.encode()) == [CODE]


@pytest.mark.parametrize(
    "frame",
    [
        CODE.encode("utf-16-le"),
        CODE.encode("utf-16"),
        "\ufeff".encode() + CODE.encode(),
        CODE.translate({ord(one): ord(one) + 0xFEE0 for one in "0123456789"}).encode(),
        CODE.translate({ord(one): ord(one) + 0xFEE0 for one in "0123456789"}).encode("gbk"),
        bytes(byte | 0x80 for byte in CODE.encode()),
        f"*{CODE}*".encode(),
        f"A{CODE}".encode(),
        CODE[:17].encode() + b"\x00" + CODE[17:].encode(),
        CODE[:17].encode() + b"\x1b[A" + CODE[17:].encode(),
        b"]Q1]Q1" + CODE.encode(),
    ],
    ids=[
        "UTF-16", "UTF-16 with a mark", "UTF-8 with a mark", "full-width", "full-width in GBK",
        "parity as data", "Code 39's stars", "a letter for the symbology", "a NUL inside",
        "an arrow key inside", "two identifiers",
    ],
)  # fmt: skip
def test_a_code_in_other_clothes_is_one_text_that_is_no_code(bench: Bench, frame: bytes) -> None:
    (text,) = bench.feed(frame + b"\r")
    with pytest.raises(RefusedError, match="could not be read"):
        parse_code(text)


@given(st.lists(st.binary(max_size=80), max_size=12))
def test_no_bytes_make_anything_but_printable_bounded_texts(parts: list[bytes]) -> None:
    bench = Bench()
    for text in bench.feed(*parts):
        assert 1 <= len(text) <= FRAME_BYTES_MAX
        assert text.isascii()
        assert text.isprintable()


@given(st.binary(min_size=1, max_size=200).filter(lambda data: not data.isdigit()))
def test_only_the_digits_themselves_are_digits(data: bytes) -> None:
    text = scan_text(data)
    if (
        text.isdigit() and len(text) < FRAME_BYTES_MAX
    ):  # then nothing but an identifier was left out
        assert data.rstrip(b" ").endswith(text.encode())
        assert data.rstrip(b" ")[: -len(text)] in (b"", data[:3])


@given(st.lists(st.integers(1, 40), max_size=6), st.sampled_from([b"\r", b"\n", b"\r\n", b"\t"]))
def test_cutting_the_stream_anywhere_changes_nothing(cuts: list[int], end: bytes) -> None:
    stream = end.join((CODE.encode(), OTHER.encode(), b""))
    bench = Bench()
    for cut in cuts:
        bench.feed(stream[:cut])
        stream = stream[cut:]
    bench.feed(stream)
    assert bench.scans == [CODE, OTHER]
