"""The three dialects by configuration alone, against a bank's side that shares no code."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_gateway.asking import Answer, Ask, Doubt, Key, Result, Totals, Verb
from bank_gateway.wire.dialect import Dialect
from bank_gateway.wire.faults import FrameError, SealError
from tests.rig.banking import (
    ACCOUNT,
    AT,
    DAY,
    KEYS,
    LOAD,
    NAMED,
    REVERSAL,
    SECRET,
    answer_in,
    fixed_answer,
    iso_answer,
    iso_fields,
    profile_of,
    xml_answer,
)

NAMES = ("unionpay_pos", "fixed_digest", "length_xml")
OK = {"unionpay_pos": "00", "fixed_digest": "0000", "length_xml": "00"}
POOR = {"unionpay_pos": "51", "fixed_digest": "5001", "length_xml": "51"}
UNDECIDED = {"unionpay_pos": "68", "fixed_digest": "9000", "length_xml": "68"}
NOT_COVERED = {
    "unionpay_pos": range(5, 11),  # the header says nothing of money
    "fixed_digest": range(12, 30),  # when it was sent, and the result
    "length_xml": range(0),
}
NONE_TO_UNDO = {"unionpay_pos": "25", "fixed_digest": "5020", "length_xml": "25"}


@functools.cache
def dialect_of(name: str) -> Dialect:
    return Dialect(profile_of(name), **NAMED)


def asked(name: str, ask: Ask = LOAD) -> bytes:
    return dialect_of(name).message_of(ask, KEYS, SECRET)


def heard(name: str, raw: bytes, ask: Ask = LOAD) -> Answer:
    return dialect_of(name).answer_of(raw, ask, KEYS, SECRET)


@pytest.mark.parametrize("name", NAMES)
def test_a_load_is_approved_declined_or_left_open(name: str) -> None:
    raw = asked(name)
    said = heard(name, answer_in(name, raw, OK[name]))
    assert (said.result, said.amount_fen, said.settled_on) == (Result.APPROVED, 5_000, DAY)
    assert said.reference
    said = heard(name, answer_in(name, raw, POOR[name]))
    assert (said.result, said.zh, said.doubt) == (Result.DECLINED, "银行卡余额不足", None)
    said = heard(name, answer_in(name, raw, UNDECIDED[name]))
    assert (said.result, said.doubt) == (Result.UNKNOWN, Doubt.NO_ANSWER)


@pytest.mark.parametrize("name", NAMES)
def test_a_code_that_nobody_listed_decides_nothing(name: str) -> None:
    said = heard(name, answer_in(name, asked(name), "7X"))
    assert (said.result, said.doubt, said.code) == (Result.UNKNOWN, Doubt.NO_ANSWER, "7X")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("codes", [OK, NONE_TO_UNDO])
def test_a_reversal_is_done_when_nothing_was_there_to_undo(
    name: str, codes: dict[str, str]
) -> None:
    raw = asked(name, replace(REVERSAL, doubt=Doubt.NO_ANSWER))
    assert heard(name, answer_in(name, raw, codes[name]), REVERSAL).result is Result.APPROVED
    # and for a load the same code is a no
    if codes is NONE_TO_UNDO:
        assert heard(name, answer_in(name, asked(name), codes[name])).result is Result.DECLINED


@pytest.mark.parametrize("name", NAMES)
def test_no_changed_bit_of_an_answer_is_believed(name: str) -> None:
    raw = answer_in(name, asked(name), OK[name])
    true = heard(name, raw)
    for at in range(len(raw)):
        for bit in range(8):
            said = heard(name, raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :])
            if at in NOT_COVERED[name]:
                assert said.result is not Result.UNKNOWN or said.doubt
            elif said.result is not Result.UNKNOWN:
                # a digest's hexadecimal digits are the same in either case
                assert said == true, (at, bit)
                assert name != "unionpay_pos", (at, bit)


def test_a_digest_that_leaves_the_result_out_proves_less_than_a_mac() -> None:
    # in such a dialect the line itself must be trusted: what the profile says in its head
    raw = fixed_answer(asked("fixed_digest"), POOR["fixed_digest"])
    changed = raw[:26] + b"0000" + raw[30:]
    assert heard("fixed_digest", changed).result is Result.APPROVED


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "other",
    [
        {"amount_fen": 5_001},
        {"account": "6200000000000000025"},
        {"key": replace(LOAD.key, trace=41)},
    ],
)
def test_an_answer_to_another_ask_is_not_ours(name: str, other: dict[str, object]) -> None:
    theirs = replace(LOAD, **other)  # type: ignore[arg-type]  # one field each
    raw = dialect_of(name).message_of(theirs, KEYS, SECRET)
    answer = {
        "unionpay_pos": lambda: iso_answer(raw, "00", account=theirs.account),
        "fixed_digest": lambda: fixed_answer(
            raw, "0000", account=theirs.account, fen=theirs.amount_fen
        ),
        "length_xml": lambda: xml_answer(raw, "00"),
    }[name]()
    said = heard(name, answer)
    assert (said.result, said.doubt) == (Result.UNKNOWN, Doubt.FALSE_ANSWER)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_without_its_seal_proves_nothing(name: str) -> None:
    raw = answer_in(name, asked(name), OK[name])
    dialect = dialect_of(name)
    stranger = replace(KEYS, mak=bytes(range(9, 17)))
    said = dialect.answer_of(raw, LOAD, stranger, b"another shared key of tests")
    assert (said.result, said.doubt) == (Result.UNKNOWN, Doubt.FALSE_ANSWER)
    with pytest.raises(SealError):
        dialect.message_of(LOAD, None, b"short")


def test_an_unsealed_answer_where_a_mac_is_wanted_is_not_believed() -> None:
    raw = asked("unionpay_pos")
    unsealed = iso_answer(raw[:11] + raw[11:], "00")
    body = unsealed[:-8]
    bitmap = int.from_bytes(body[13:21], "big") & ~1
    said = heard("unionpay_pos", body[:13] + bitmap.to_bytes(8, "big") + body[21:])
    assert (said.result, said.doubt) == (Result.UNKNOWN, Doubt.FALSE_ANSWER)


def test_another_codec_reads_the_same_fields() -> None:
    raw = asked("unionpay_pos", replace(LOAD, pin="135790"))
    found = iso_fields(raw)
    assert found["t"] == "0200"
    assert (found[3], found[4], found[11], found[25]) == ("600000", "000000005000", "000042", "91")
    assert str(found[2]).rstrip("0").startswith(ACCOUNT[:-1])
    assert (found[41], found[42]) == (NAMED["terminal"], NAMED["merchant"])
    assert str(found[60]).startswith("45000007000")
    ours = dialect_of("unionpay_pos").fields_of(raw, Verb.LOAD, is_ours=True)
    assert ours["2"] == ACCOUNT
    assert bytes.fromhex(ours["62"]) == b"12345678"


@given(
    account=st.text("0123456789", min_size=12, max_size=19),
    fen=st.integers(1, 999_999_999_999),
    trace=st.integers(1, 999_999),
    batch=st.integers(0, 999_999),
)
def test_what_is_packed_is_read_back(account: str, fen: int, trace: int, batch: int) -> None:
    key = Key("test", "00000001", DAY, batch, trace)
    ask = replace(LOAD, account=account, amount_fen=fen, key=key)
    dialect = dialect_of("unionpay_pos")
    found = dialect.fields_of(dialect.message_of(ask, KEYS), Verb.LOAD, is_ours=True)
    assert (found["2"], int(found["4"]), int(found["11"])) == (account, fen, trace)
    assert int(found["60"][2:8]) == batch


@pytest.mark.parametrize("name", NAMES)
@given(raw=st.binary(max_size=400))
def test_no_bytes_do_more_than_leave_it_unknown(name: str, raw: bytes) -> None:
    said = heard(name, raw)
    assert (said.result, said.doubt) == (Result.UNKNOWN, Doubt.FALSE_ANSWER)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE R [<!ENTITY x "y">]><RESPONSE><RESCODE>&x;</RESCODE></RESPONSE>',
        '<RESPONSE a="1"><RESCODE>00</RESCODE></RESPONSE>',
        "<RESPONSE><A><B>00</B></A></RESPONSE>",
        "<RESPONSE><RESCODE>51</RESCODE><RESCODE>00</RESCODE></RESPONSE>",
        "<OTHER><RESCODE>00</RESCODE></OTHER>",
        "<RESPONSE><?php x?></RESPONSE>",
        "<RESPONSE>" + "".join(f"<F{n}/>" for n in range(70)) + "</RESPONSE>",
    ],
)
def test_xml_that_is_more_than_elements_with_text_is_refused(text: str) -> None:
    with pytest.raises(FrameError):
        dialect_of("length_xml").fields_of(text.encode("gb18030"), Verb.LOAD, is_ours=False)


def test_a_batch_is_closed_with_its_totals() -> None:
    key = Key("test", "00000001", DAY, 7, 99)
    ask = Ask(Verb.SETTLE, key, AT, totals=Totals(loads=12, loads_fen=60_000))
    raw = asked("unionpay_pos", ask)
    assert str(iso_fields(raw)[48]).startswith("000000060000012")
    equal = iso_answer(raw, "00", {48: "000000060000012000000000000000" + "1" + "0" * 31})
    assert heard("unionpay_pos", equal, ask).is_balanced is True
    differs = iso_answer(raw, "00", {48: "000000060000012000000000000000" + "2" + "0" * 31})
    assert heard("unionpay_pos", differs, ask).is_balanced is False


def test_a_bank_that_cannot_be_asked_says_so() -> None:
    with pytest.raises(FrameError, match="cannot be asked for unload"):
        asked("length_xml", replace(LOAD, verb=Verb.UNLOAD))


@pytest.mark.parametrize(
    "name,change,what",
    [
        ("fixed_digest", {"name": "欧阳" * 20}, "person"),
        ("fixed_digest", {"card_number": "1" * 17}, "card"),
        ("unionpay_pos", {"account": "1" * 20}, "field 2"),
        ("length_xml", {"card_number": "1\x07"}, "cannot be shown"),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_named(
    name: str, change: dict[str, str], what: str
) -> None:
    with pytest.raises(FrameError, match=what):
        asked(name, replace(LOAD, **change))  # type: ignore[arg-type]  # one field each


def test_a_settlement_day_lies_next_to_the_day_that_was_asked() -> None:
    new_year = replace(LOAD, key=replace(LOAD.key, day=date(2026, 12, 31)))
    raw = asked("unionpay_pos", new_year)
    said = heard("unionpay_pos", iso_answer(raw, "00", {15: "0101"}), new_year)
    assert said.settled_on == date(2027, 1, 1)
    said = heard("unionpay_pos", iso_answer(raw, "00", {15: "0230"}), new_year)
    assert (said.result, said.doubt) == (Result.UNKNOWN, Doubt.FALSE_ANSWER)
