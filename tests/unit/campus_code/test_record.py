import dataclasses
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import campus_code as cc
from campus_code.record import RECORD_BYTES_MAX
from tests.unit.campus_code.samples import AT, SIGNER, SIGNER_PUBLIC, payment


def reversal(sequence: int = 2, reverses: int = 1, **changed: Any) -> cc.TerminalRecord:
    empty = {"kind": cc.RecordKind.REVERSAL, "credential": "", "step": 0, "epoch": 0}
    return payment(sequence, **(empty | {"reverses": reverses} | changed))


def record_set(*sequences: int) -> cc.RecordSet:
    return cc.RecordSet(9, cc.FIRST_HASH, tuple(payment(n) for n in sequences))


def test_bytes_are_an_array_with_the_layout_first_and_come_back() -> None:
    for record in (payment(), reversal(), payment(asked_fen=None, period_id="")):
        raw = record.to_bytes()
        loaded = json.loads(raw)
        assert loaded[0] == 1
        assert loaded[1:] == list(dataclasses.asdict(record).values())
        assert cc.record_from_bytes(raw) == record


@pytest.mark.parametrize(
    "name,value",
    [
        ("sequence", 0),
        ("sequence", True),
        ("kind", "payment"),
        ("credential", ""),
        ("credential", "1" * 33),
        ("credential", "\u0661" * 34),
        ("credential", None),
        ("step", -1),
        ("issue", 100),
        ("card_number", "20240014"),
        ("group_id", ""),
        ("group_id", "x" * 33),
        ("group_id", "a\nb"),
        ("class_id", 256),
        ("asked_fen", 0),
        ("asked_fen", True),
        ("asked_fen", 12.5),
        ("asked_fen", "1250"),
        ("nominal_fen", -1250),
        ("charged_fen", 1001),
        ("charged_fen", 1000.0),
        ("fee_fen", -1),
        ("was_online", 1),
        ("has_pin", None),
        ("reverses", 1),
        ("rules_version", 2**63),
    ],
)
def test_nothing_out_of_bounds_becomes_a_record(name: str, value: Any) -> None:
    with pytest.raises(cc.ShapeError):
        payment(**{name: value})


def test_a_reversal_names_no_later_sequence_and_carries_no_credential() -> None:
    assert reversal(2, 2).reverses == 2  # an attempt that itself was never journalled
    for reverses, credential in ((0, ""), (3, ""), (1, payment().credential)):
        with pytest.raises(cc.ShapeError):
            reversal(2, reverses, credential=credential)


def test_only_canonical_bytes_are_read() -> None:
    raw = payment().to_bytes()
    loaded = json.loads(raw)
    for bad in (
        raw + b" ",
        b" " + raw,
        json.dumps(loaded).encode(),
        json.dumps([2, *loaded[1:]], separators=(",", ":")).encode(),
        json.dumps([True, *loaded[1:]], separators=(",", ":")).encode(),
        json.dumps(loaded[:-1], separators=(",", ":")).encode(),
        json.dumps([*loaded, 0], separators=(",", ":")).encode(),
        json.dumps([1, 1, "gift", *loaded[3:]], separators=(",", ":")).encode(),
        json.dumps([1, 1, {}, *loaded[3:]], separators=(",", ":")).encode(),
        b"",
        b"null",
        b"\xff",
        raw[:-1],
        b"[" + b" " * RECORD_BYTES_MAX + b"]",
    ):
        with pytest.raises(cc.ShapeError):
            cc.record_from_bytes(bad)


def test_the_longest_record_fits() -> None:
    large = 10_000_000
    record = payment(
        2**63 - 1,
        group_id="面" * 32,
        period_id="面" * 32,
        nominal_fen=large,
        discount_fen=-large,
        asked_fen=large,
        charged_fen=2 * large,
        sync_age_seconds=253_370_764_799,
        rules_version=2**63 - 1,
        denylist_version=2**63 - 1,
        directory_version=2**63 - 1,
    )
    assert len(record.to_bytes()) <= RECORD_BYTES_MAX


def test_chain_is_sha256_over_all_before() -> None:
    raw = payment().to_bytes()
    assert cc.chain_hash(cc.FIRST_HASH, raw) == hashlib.sha256(bytes(32) + raw).digest()
    records = record_set(1, 2, 3)
    expected = cc.FIRST_HASH
    for record in records.records:
        expected = hashlib.sha256(expected + record.to_bytes()).digest()
    assert records.last_hash == expected


def test_a_set_travels_signed() -> None:
    records = cc.RecordSet(9, bytes(range(32)), (payment(4), reversal(5, 4), payment(6)))
    raw = cc.sign_record_set(records, AT, SIGNER)
    assert cc.open_record_set(raw, SIGNER_PUBLIC) == records
    assert cc.open_document(raw, cc.DocumentKind.RECORD_SET, SIGNER_PUBLIC).version == 6
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(cc.DocumentError):
        cc.open_record_set(cc.sign_record_set(records, AT, stranger), SIGNER_PUBLIC)


@pytest.mark.parametrize("sequences", [(), (1, 3), (2, 1), (1, 1)])
def test_a_set_has_no_gap(sequences: tuple[int, ...]) -> None:
    with pytest.raises(cc.ShapeError):
        record_set(*sequences)


def test_a_set_is_bounded() -> None:
    whole = record_set(*range(1, 501))
    raw = cc.sign_record_set(whole, AT, SIGNER)
    assert len(cc.open_record_set(raw, SIGNER_PUBLIC).records) == 500
    with pytest.raises(cc.ShapeError, match="500"):
        record_set(*range(1, 502))
    for terminal_id, previous in ((0, bytes(32)), (1, bytes(31)), (True, bytes(32))):
        with pytest.raises(cc.ShapeError):
            cc.RecordSet(terminal_id, previous, (payment(),))


def test_a_signed_payload_that_is_no_set_is_malformed() -> None:
    raw = cc.sign_record_set(record_set(1, 2), AT, SIGNER)
    document = cc.open_document(raw, cc.DocumentKind.RECORD_SET, SIGNER_PUBLIC)
    good = document.payload
    payloads = {
        "as it was": (good, 2),
        "another version": (good, 3),
        "cut": (good[:-1], 2),
        "longer": (good + b"\0", 2),
        "nothing": (b"", 2),
        "layout": (b"\2" + good[1:], 2),
        "count 0": (good[:37] + b"\0\0", 2),
        "count 501": (good[:37] + (501).to_bytes(2, "big") + good[39:], 2),
        "no terminal": (good[:1] + bytes(4) + good[5:], 2),
    }
    for name, (payload, version) in payloads.items():
        kind = cc.DocumentKind.RECORD_SET
        signed = cc.sign_document(kind, version, AT, payload, SIGNER)
        if name == "as it was":
            assert cc.open_record_set(signed, SIGNER_PUBLIC) == record_set(1, 2)
            continue
        with pytest.raises(cc.DocumentError) as caught:
            cc.open_record_set(signed, SIGNER_PUBLIC)
        assert caught.value.why is cc.DocumentFault.MALFORMED, name
