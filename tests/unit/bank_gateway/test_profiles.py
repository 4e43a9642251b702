"""Profiles: the shipped ones are whole, and every mistake in one is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bank_gateway.asking import Result, Verb
from bank_gateway.profile_files import SHIPPED, profile_from, read_profile
from bank_gateway.yaml_files import FILE_BYTES_MAX, MistakesError

TEXT = (SHIPPED / "length_xml.yaml").read_text(encoding="utf-8")


def mistakes_in(text: str) -> list[tuple[int, str, str]]:
    """Line, place and what is wrong, of a profile with mistakes."""
    with pytest.raises(MistakesError) as raised:
        profile_from(text.encode(), "bank.yaml")
    return [(one.line, one.where, one.what) for one in raised.value.mistakes]


def line_of(word: str, text: str = TEXT) -> int:
    """The first line on which a word stands."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if word in line)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_is_shipped_is_whole_and_says_that_it_is_generic(path: Path) -> None:
    profile = read_profile(path)
    assert "your bank supplies the real table" in profile.note.lower()
    assert "your bank supplies the real table" in path.read_text(encoding="utf-8").lower()
    assert {Verb.LOAD, Verb.REVERSE, Verb.ECHO} <= set(profile.messages)
    assert [one for one in profile.codes.values() if one.result is Result.APPROVED]
    assert all(one.zh.isascii() is False and one.en.isascii() for one in profile.codes.values())


def test_there_are_three_dialects() -> None:
    kinds = {read_profile(path).dialect.kind for path in SHIPPED.glob("*.yaml")}
    assert kinds == {"iso8583", "fixed", "xml"}


@pytest.mark.parametrize(
    "word,before,after,what",
    [
        ("framing:", "width: 6", "width: 60", "less than or equal to 8"),
        ("framing:", "width: 6", "width: '6'", "valid integer"),
        ("limits:", 'opens: "07:00"', 'opens: "7:00"', "a time in quotes"),
        ("limits:", 'opens: "07:00"', 'opens: "22:00"', "opens must be before closes"),
        ("limits:", "load_fen_max: 50000", "load_fen_max: 500000", "must rise"),
        ("seal:", "kind: hmac-sha256", "kind: crc32", "'hmac-sha256'"),
        ("TXCODE: LOAD", "{account}", "{acount}", "{acount}: a template may name"),
        ("TXCODE: LOAD", "{trace:06}", "{trace:x}", "only a width may stand"),
        ("TXCODE: LOAD", "{trace:06}", "{trace!r}", "only a width may stand"),
        ("TXCODE: LOAD", "{account}", "{account", "expected '}'"),
        ('"51":', "result: declined", "result: refused", "'declined'"),
        ("RESCODE", "code: RESCODE", "code: RES[CODE]", "as in 60[2:8]"),
        ("undoing:", "tries: 3", "tries: 30", "less than or equal to 6"),
        ("undoing:", "tries: 3", "tries: 3, colour: red", "Extra inputs"),
        ("cut_over", 'cut_over: "22:00"', "cut_over: 22:00", "a time in quotes"),
    ],
)
def test_a_mistake_is_told_with_its_line(word: str, before: str, after: str, what: str) -> None:
    lines = TEXT.splitlines()
    at = line_of(word) - 1
    assert before in lines[at]
    lines[at] = lines[at].replace(before, after)
    ((line, _, said),) = mistakes_in("\n".join(lines))
    assert what in said
    assert line == at + 1


def test_all_mistakes_are_told_at_once_in_the_file_s_order() -> None:
    text = TEXT.replace("width: 6", "width: 60").replace("tries: 3", "tries: 30")
    text = text.replace("bank: length-xml", "bank: Length XML")
    told = mistakes_in(text)
    assert [line for line, _, _ in told] == [
        line_of(word, text) for word in ("bank: Length", "width: 60", "tries: 30")
    ]


def test_a_name_that_stands_twice_is_a_mistake() -> None:
    ((line, where, what),) = mistakes_in(TEXT + "bank: other\n")
    assert (line, where, what) == (TEXT.count("\n") + 1, "bank", "stands here twice")


@pytest.mark.parametrize(
    "take,what",
    [
        ("query", "query is missing"),
        ("reverse", "at least load and reverse"),
        ("load", "at least load and reverse"),
    ],
)
def test_what_undoing_needs_must_be_there(take: str, what: str) -> None:
    lines, is_taken, left = TEXT.splitlines(), False, []
    for line in lines:
        if line.startswith("  ") and not line.startswith("   ") and line.strip().endswith(":"):
            is_taken = line.strip() == f"{take}:"
        elif not line.startswith(" "):
            is_taken = False
        if not is_taken:
            left.append(line)
    told = mistakes_in("\n".join(left))
    assert [one for one in told if what in one[2]]


def test_a_message_uses_only_fields_that_the_dialect_has() -> None:
    text = (SHIPPED / "unionpay_pos.yaml").read_text(encoding="utf-8")
    wrong = text.replace(
        't: "0200", 2: "{account}", 3: "600000"', 't: "0200", 99: "{account}", 3: "600000"'
    )
    ((_, _, what),) = mistakes_in(wrong)
    assert what == "messages.load: the dialect has no field 99"


@pytest.mark.parametrize(
    "raw,what",
    [
        (b"", "must be a mapping"),
        (b"- a\n- b\n", "must be a mapping"),
        (b"bank: [", "expected"),
        (b"\xff\xfe", "decode"),
        (b"a: !other b\n", "only plain values"),
        (b"a: &a [*a]\n", "not deep in each other"),
        (b"a: !!python/object/apply:os.system [true]\n", "only plain values"),
    ],
)
def test_what_is_no_profile_is_told(raw: bytes, what: str) -> None:
    with pytest.raises(MistakesError, match=what):
        profile_from(raw, "bank.yaml")


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bank.yaml"
    path.write_bytes(b"#" * (FILE_BYTES_MAX + 1))
    with pytest.raises(MistakesError, match="more than"):
        read_profile(path)
