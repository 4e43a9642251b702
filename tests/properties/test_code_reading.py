"""Whatever arrives from outside: it is read, or a declared error says why; nothing else escapes."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import campus_code as cc
from campus_code.damm import SEVEN_DIGITS_MAX
from scripts.vector_decisions import sample_rules
from tests.unit.campus_code.samples import (
    AT,
    FOREVER,
    ISSUER_RING,
    RING,
    SIGNER,
    SIGNER_PUBLIC,
    code,
    payment,
)

cards = st.integers(0, SEVEN_DIGITS_MAX).map(cc.card_number)
issues = st.integers(0, 99)
moments = st.integers(0, FOREVER - 1)
digits = st.text("0123456789", min_size=15, max_size=36)
near_codes = st.builds(
    lambda at, digit: code()[:at] + digit + code()[at + 1 :], st.integers(0, 33), st.characters()
)
texts = st.one_of(st.text(max_size=40), digits, near_codes)


@given(cards, issues, moments)
def test_what_a_phone_issues_a_terminal_and_the_issuer_take(
    card_number: str, issue: int, at: int
) -> None:
    text = code(card_number, issue, at)
    assert len(text) == 34
    verified = cc.verify_code(text, RING, at)
    assert (verified.card_number, verified.issue) == (card_number, issue)
    assert (verified.step, verified.offset_seconds) == (at // 15, 0)
    cc.verify_tac(text, verified.step, ISSUER_RING, at)


@given(moments, st.integers(-7000, 7000), st.integers(0, 60), st.integers(0, 60))
def test_the_window_is_exactly_as_wide_as_it_says(
    issued_at: int, away: int, early: int, late: int
) -> None:
    at = issued_at + away
    if not 0 <= at < FOREVER:
        return
    begins = issued_at // 15 * 15
    is_inside = begins - early <= at <= begins + 15 + late
    text, window = code(at=issued_at), cc.Window(early, late)
    if is_inside:
        assert cc.verify_code(text, RING, at, window).step == issued_at // 15
        return
    with pytest.raises(cc.RefusedError) as caught:
        cc.verify_code(text, RING, at, window)
    assert caught.value.refusal is (cc.Refusal.EARLY if at < begins else cc.Refusal.EXPIRED)
    by = begins - at if at < begins else at - begins - 15
    assert caught.value.evidence == {"seconds": by}


@given(texts)
@example("\u00b2" * 34)
@example("9" * 5000)
def test_parsing_raises_nothing_undeclared(text: str) -> None:
    try:
        parsed = cc.parse_code(text)
    except cc.RefusedError:
        return
    assert parsed.text == text


@given(texts, st.integers(0, 253_370_764_799))
@example(code()[:13] + "999" + code()[16:], 0)
def test_verifying_raises_nothing_undeclared(text: str, at: int) -> None:
    try:
        verified = cc.verify_code(text, RING, at)
    except cc.RefusedError:
        return
    assert verified.text == text


@given(st.text(max_size=20), digits)
def test_emergency_parsing_raises_nothing_undeclared(text: str, more: str) -> None:
    for one in (text, more, more[:16]):
        try:
            shown = cc.parse_emergency(one)
        except cc.RefusedError:
            continue
        assert shown.card_number + shown.code == one


@given(st.lists(cards, max_size=1).flatmap(lambda c: st.just(c[0] if c else "20240013")), st.data())
def test_damm_finds_every_wrong_digit_and_every_swap(card_number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 7))
    digit = data.draw(st.sampled_from("0123456789".replace(card_number[place], "")))
    assert not cc.is_damm(card_number[:place] + digit + card_number[place + 1 :])
    place = data.draw(st.integers(0, 6))
    a, b = card_number[place], card_number[place + 1]
    swapped = card_number[:place] + b + a + card_number[place + 2 :]
    assert cc.is_damm(swapped) is (a == b)


DOCUMENT = cc.sign_document(cc.DocumentKind.RULES, 3, AT, cc.to_json(sample_rules()), SIGNER)


@settings(max_examples=300)
@given(st.integers(0, len(DOCUMENT) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_document_is_refused(place: int, change: int) -> None:
    raw = bytearray(DOCUMENT)
    raw[place] ^= change
    with pytest.raises(cc.DocumentError):
        cc.open_document(bytes(raw), cc.DocumentKind.RULES, SIGNER_PUBLIC)


@given(st.binary(max_size=200), st.sampled_from(list(cc.DocumentKind)))
def test_opening_raises_nothing_undeclared(raw: bytes, kind: cc.DocumentKind) -> None:
    for one in (raw, b"XMD1" + raw, DOCUMENT[:33] + raw):
        with pytest.raises(cc.DocumentError):
            cc.open_document(one, kind, SIGNER_PUBLIC)


@given(st.binary(max_size=120), st.integers(1, 2**63 - 1))
def test_payloads_raise_nothing_undeclared(raw: bytes, version: int) -> None:
    for one in (raw, bytes(8) + raw, bytes(11) + b"\1" + raw[:12], bytes(12) + b"\1" + raw[:14]):
        for empty in (cc.CardDirectory(), cc.Denylist()):
            try:
                held = empty.apply(one, version)
            except cc.DocumentError:
                continue
            assert held.version == version
        try:
            ring = cc.keyring_from_bytes(one)
        except cc.DocumentError:
            continue
        assert cc.keyring_to_bytes(ring) == one


RECORD = payment().to_bytes()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.one_of(st.binary(max_size=60), json_values.map(lambda v: json.dumps(v).encode())))
def test_record_bytes_raise_nothing_undeclared(raw: bytes) -> None:
    with pytest.raises(cc.ShapeError):
        cc.record_from_bytes(raw)


@given(st.integers(0, 24), json_values)
def test_a_record_with_another_field_is_read_or_refused(place: int, value: Any) -> None:
    fields = json.loads(RECORD)
    fields[place] = value
    raw = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    try:
        record = cc.record_from_bytes(raw)
    except cc.ShapeError:
        return
    assert record.to_bytes() == raw
    assert record.charged_fen == record.nominal_fen - record.discount_fen + record.fee_fen


@given(st.integers(0, len(RECORD) - 1), st.integers(1, 255))
def test_a_record_with_another_byte_is_read_or_refused(place: int, change: int) -> None:
    raw = bytearray(RECORD)
    raw[place] ^= change
    try:
        record = cc.record_from_bytes(bytes(raw))
    except cc.ShapeError:
        return
    assert record.to_bytes() == bytes(raw)


@st.composite
def changed_bundles(draw: st.DrawFn) -> bytes:
    loaded = json.loads(cc.to_json(sample_rules()))
    node: Any = loaded
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = draw(st.sampled_from(keys))
        inner = node[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
            break
        node = inner
    node[key] = draw(json_values)
    return json.dumps(loaded).encode()


@settings(max_examples=300)
@given(changed_bundles())
def test_a_bundle_with_another_value_is_read_or_refused(raw: bytes) -> None:
    try:
        bundle = cc.rules_from_json(raw)
    except cc.ShapeError:
        return
    assert cc.rules_from_json(cc.to_json(bundle)) == bundle
    # equal as JSON, booleans and numbers told apart
    assert json.dumps(json.loads(raw), sort_keys=True) == json.dumps(
        json.loads(cc.to_json(bundle)), sort_keys=True
    )


@given(st.binary(max_size=60), st.text(max_size=60))
def test_rules_from_anything_raise_nothing_undeclared(raw: bytes, text: str) -> None:
    for one in (raw, text.encode("utf-8", "surrogatepass"), b"{" + raw + b"}"):
        with pytest.raises(cc.ShapeError):
            cc.rules_from_json(one)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=40))
def test_directory_and_denylist_equal_a_dictionary_after_any_deltas(
    changes: list[tuple[int, bool]],
) -> None:
    directory, denylist = cc.CardDirectory(), cc.Denylist()
    states: dict[str, cc.CardState] = {}
    for version, (serial, is_frozen) in enumerate(changes, start=1):
        card_number = cc.card_number(serial)
        states[card_number] = cc.CardState(int(is_frozen))
        entry = cc.CardEntry(card_number, 1, states[card_number], 1, 0)
        directory = directory.apply(cc.pack_directory([entry], version - 1), version)
        denial = cc.Denial(card_number, None, states[card_number], version)
        denylist = denylist.apply(cc.pack_denylist([denial], version - 1), version)
    assert {one.card_number: one.state for one in directory} == states
    frozen = {number for number, state in states.items() if state is cc.CardState.FROZEN}
    assert {one.card_number for one in denylist} == frozen
    for serial in range(41):
        card_number = cc.card_number(serial)
        found = directory.find(card_number)
        assert (found.state if found else None) == states.get(card_number)
        is_denied = denylist.state_of(card_number, 5) is not None
        assert is_denied is (card_number in frozen)


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=12), st.binary(min_size=32, max_size=32))
def test_any_set_travels(amounts: list[int], before: bytes) -> None:
    records = tuple(
        dataclasses.replace(
            payment(7 + n), asked_fen=fen, nominal_fen=fen, discount_fen=0, charged_fen=fen
        )
        for n, fen in enumerate(amounts)
    )
    whole = cc.RecordSet(3, before, records)
    assert cc.open_record_set(cc.sign_record_set(whole, AT, SIGNER), SIGNER_PUBLIC) == whole
