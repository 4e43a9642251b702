import struct
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import campus_code as cc
from campus_code.documents import PAYLOAD_BYTES_MAX
from tests.unit.campus_code.samples import (
    AT,
    CARD,
    RING,
    SIGNER,
    SIGNER_PUBLIC,
    TERMINAL_MASTER,
)

KIND = cc.DocumentKind.DENYLIST
LOST = cc.CardState.LOST
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))
DENYLIST_PAYLOAD = cc.pack_denylist([cc.Denial(CARD, 1, cc.CardState.LOST, 2)])


def fault(call: object, *arguments: object) -> cc.DocumentFault:
    with pytest.raises(cc.DocumentError) as caught:
        call(*arguments)  # type: ignore[operator]
    assert caught.value.sentence
    return caught.value.why


def test_what_was_signed_is_opened() -> None:
    raw = cc.sign_document(KIND, 3, AT, b"payload", SIGNER)
    assert cc.open_document(raw, KIND, SIGNER_PUBLIC) == cc.Document(KIND, 3, AT, b"payload")
    keys = {cc.key_id(key.public_key()): key.public_key() for key in (STRANGER, SIGNER)}
    assert cc.open_document(raw, KIND, keys, newer_than=2).version == 3
    assert raw[:4] == b"XMD1"
    assert len(raw) == 33 + 7 + 64


def test_every_flipped_bit_is_refused() -> None:
    raw = cc.sign_document(KIND, 3, AT, b"pay", SIGNER)
    for place in range(len(raw)):
        for bit in range(8):
            bad = bytearray(raw)
            bad[place] ^= 1 << bit
            assert fault(cc.open_document, bytes(bad), KIND, SIGNER_PUBLIC) in cc.DocumentFault


def test_every_cut_and_every_byte_more_is_refused() -> None:
    raw = cc.sign_document(KIND, 3, AT, b"pay", SIGNER)
    for length in range(len(raw)):
        assert fault(cc.open_document, raw[:length], KIND, SIGNER_PUBLIC) in cc.DocumentFault
    assert fault(cc.open_document, raw + b"\0", KIND, SIGNER_PUBLIC) is cc.DocumentFault.MALFORMED


def test_a_stranger_s_signature_is_refused_even_under_our_key_s_name() -> None:
    raw = cc.sign_document(KIND, 3, AT, b"pay", STRANGER)
    assert fault(cc.open_document, raw, KIND, SIGNER_PUBLIC) is cc.DocumentFault.UNKNOWN_SIGNER
    ours = cc.key_id(SIGNER_PUBLIC)
    renamed = raw.replace(cc.key_id(STRANGER.public_key()), ours)
    assert fault(cc.open_document, renamed, KIND, SIGNER_PUBLIC) is cc.DocumentFault.BAD_SIGNATURE


def test_a_document_is_not_taken_for_another_kind() -> None:
    raw = cc.sign_document(KIND, 3, AT, b"pay", SIGNER)
    other = cc.DocumentKind.CARD_DIRECTORY
    assert fault(cc.open_document, raw, other, SIGNER_PUBLIC) is cc.DocumentFault.WRONG_KIND


def test_a_rightly_signed_version_out_of_bounds_is_refused() -> None:
    good = cc.sign_document(KIND, 3, AT, b"pay", SIGNER)[:-64]
    for place, value in ((5, 0), (5, 2**63), (13, 2**63)):
        raw = good[:place] + value.to_bytes(8, "big") + good[place + 8 :]
        signed = raw + SIGNER.sign(raw)
        assert fault(cc.open_document, signed, KIND, SIGNER_PUBLIC) is cc.DocumentFault.MALFORMED
    for version in (0, 2**63):
        with pytest.raises(cc.ShapeError, match="version"):
            cc.sign_document(KIND, version, AT, b"", SIGNER)


def test_an_equal_or_older_version_is_stale() -> None:
    raw = cc.sign_document(KIND, 3, AT, b"pay", SIGNER)
    for held in (3, 4):
        why = fault(cc.open_document, raw, KIND, SIGNER_PUBLIC, held)
        assert why is cc.DocumentFault.STALE_VERSION


@pytest.mark.parametrize("kind", list(cc.DocumentKind))
def test_every_kind_has_its_limit_on_both_sides(kind: cc.DocumentKind) -> None:
    limit = PAYLOAD_BYTES_MAX[kind]
    whole = cc.sign_document(kind, 1, AT, bytes(limit), SIGNER)
    assert len(cc.open_document(whole, kind, SIGNER_PUBLIC).payload) == limit
    with pytest.raises(cc.ShapeError, match=str(limit)):
        cc.sign_document(kind, 1, AT, bytes(limit + 1), SIGNER)
    longer = whole[:29] + (limit + 1).to_bytes(4, "big") + bytes(limit + 1)
    longer += SIGNER.sign(longer)
    assert fault(cc.open_document, longer, kind, SIGNER_PUBLIC) is cc.DocumentFault.OVER_LIMIT


def entry(serial: int, **changed: object) -> cc.CardEntry:
    fields: dict[str, object] = {
        "card_number": cc.card_number(serial),
        "issue": 1,
        "state": cc.CardState.ACTIVE,
        "class_id": 1,
        "offline_limit_fen": 5000,
    }
    return cc.CardEntry(**(fields | changed))  # type: ignore[arg-type]


def test_directory_finds_what_was_packed_and_nothing_else() -> None:
    entries = [entry(n, issue=n % 100, class_id=n % 256) for n in (5, 0, 9_999_999, 77)]
    directory = cc.CardDirectory().apply(cc.pack_directory(entries), 1)
    assert len(directory) == 4
    assert {one.card_number: one for one in directory} == {one.card_number: one for one in entries}
    for one in entries:
        assert directory.find(one.card_number) == one
    for text in (cc.card_number(6), "", "0000000", "000000000", "x", "\u0660" * 8):
        assert directory.find(text) is None


def test_directory_delta_changes_and_adds_and_leaves_the_old_one_alone() -> None:
    first = cc.CardDirectory().apply(cc.pack_directory([entry(2), entry(4), entry(6)]), 1)
    changes = [entry(n, state=cc.CardState.FROZEN) for n in (1, 4, 7)]
    second = first.apply(cc.pack_directory(changes, 1), 2)
    states = [(int(one.card_number[:7]), one.state.name) for one in second]
    assert states == [
        (1, "FROZEN"),
        (2, "ACTIVE"),
        (4, "FROZEN"),
        (6, "ACTIVE"),
        (7, "FROZEN"),
    ]
    assert [one.state for one in first] == [cc.CardState.ACTIVE] * 3
    assert second.version == 2


def test_directory_refuses_a_delta_to_another_version() -> None:
    held = cc.CardDirectory().apply(cc.pack_directory([entry(2)]), 5)
    for base in (4, 6):
        payload = cc.pack_directory([entry(3)], base)
        assert fault(held.apply, payload, 9) is cc.DocumentFault.WRONG_BASE
    ahead = cc.pack_directory([entry(3)], 6)
    assert fault(cc.CardDirectory().apply, ahead, 9) is cc.DocumentFault.WRONG_BASE


def test_directory_refuses_stale_and_emptying_documents() -> None:
    held = cc.CardDirectory().apply(cc.pack_directory([entry(2)]), 5)
    full = cc.pack_directory([entry(3)])
    for version in (4, 5):
        assert fault(held.apply, full, version) is cc.DocumentFault.STALE_VERSION
    empty = cc.pack_directory([])
    assert fault(held.apply, empty, 6) is cc.DocumentFault.IMPLAUSIBLE
    assert len(cc.CardDirectory().apply(empty, 1)) == 0
    assert len(held.apply(cc.pack_directory([], 5), 6)) == 1


def test_directory_refuses_whatever_is_out_of_bounds() -> None:
    good = cc.pack_directory([entry(2), entry(4)])
    bad = {
        "cut": good[:-1],
        "longer": good + b"\0",
        "head only": good[:11],
        "unsorted": good[:12] + good[24:36] + good[12:24],
        "twice": good[:12] + good[12:24] * 2,
        "issue 100": good[:16] + bytes([100]) + good[17:],
        "state 4": good[:17] + bytes([4]) + good[18:],
        "reserved": good[:19] + b"\1" + good[20:],
        "limit": good[:20] + b"\xff" * 4 + good[24:],
        "number": good[:24] + b"\xff" * 4 + good[28:],
    }
    for name, payload in bad.items():
        assert fault(cc.CardDirectory().apply, payload, 1) is cc.DocumentFault.MALFORMED, name
    many = good[:8] + (200_001).to_bytes(4, "big")
    assert fault(cc.CardDirectory().apply, many, 1) is cc.DocumentFault.OVER_LIMIT


@pytest.mark.parametrize(
    "changed",
    [
        {"card_number": "20240014"},
        {"issue": 100},
        {"issue": True},
        {"state": cc.CardState.UNKNOWN},
        {"class_id": 256},
        {"offline_limit_fen": -1},
        {"offline_limit_fen": 10_000_001},
    ],
)
def test_directory_packs_nothing_out_of_bounds(changed: dict[str, object]) -> None:
    with pytest.raises(cc.ShapeError):
        cc.pack_directory([entry(2, **changed)])


def test_directory_packs_no_card_twice() -> None:
    with pytest.raises(cc.ShapeError, match="twice"):
        cc.pack_directory([entry(2), entry(2)])


def test_directory_of_fifty_thousand_is_quick() -> None:
    entries = [entry(n) for n in range(50_000)]
    begun = time.perf_counter()
    payload = cc.pack_directory(entries)
    packed = time.perf_counter()
    directory = cc.CardDirectory().apply(payload, 1)
    applied = time.perf_counter()
    for one in entries[::5]:
        assert directory.find(one.card_number) == one
    found = time.perf_counter()
    delta = directory.apply(cc.pack_directory(entries[:200], 1), 2)
    merged = time.perf_counter()
    assert len(delta) == 50_000
    assert len(payload) == 12 + 600_000
    # far more than it takes, even traced by coverage: only a change of its nature is felt
    assert packed - begun < 10
    assert applied - packed < 5
    assert (found - applied) / 10_000 < 0.0005
    assert merged - found < 2


def test_deltas_do_not_grow_a_list_over_its_limit() -> None:
    rows = b"".join(struct.pack(">IBBBBI", n, 1, 0, 1, 0, 0) for n in range(200_000))
    full = (0).to_bytes(8, "big") + (200_000).to_bytes(4, "big") + rows
    directory = cc.CardDirectory().apply(full, 1)
    one_more = cc.pack_directory([entry(9_999_999)], 1)
    assert fault(directory.apply, one_more, 2) is cc.DocumentFault.OVER_LIMIT
    same_size = directory.apply(cc.pack_directory([entry(0)], 1), 2)
    assert len(same_size) == 200_000

    rows = b"".join(struct.pack(">IBBQ", n, 255, 1, 1) for n in range(200_000))
    full = bytes(9) + (200_000).to_bytes(4, "big") + rows
    denylist = cc.Denylist().apply(full, 1)
    one_more = cc.pack_denylist([cc.Denial(cc.card_number(9_999_999), None, LOST, 2)], 1)
    assert fault(denylist.apply, one_more, 2) is cc.DocumentFault.OVER_LIMIT


def test_check_card_names_the_reason() -> None:
    states = {n: cc.CardState(n) for n in range(4)}
    entries = [entry(n, state=state) for n, state in states.items()]
    directory = cc.CardDirectory().apply(cc.pack_directory(entries), 1)
    assert cc.check_card(cc.card_number(0), 1, directory, None) == entries[0]
    tried = [
        (0, 2, None, cc.Refusal.REPLACED_CREDENTIAL),
        (0, 0, None, cc.Refusal.REPLACED_CREDENTIAL),
        (9, 1, None, cc.Refusal.UNKNOWN_CARD),
        (1, 1, None, cc.Refusal.FROZEN),
        (2, 1, None, cc.Refusal.LOST),
        (3, 1, None, cc.Refusal.CLOSED),
        (0, 1, cc.CardState.LOST, cc.Refusal.LOST),
        (1, 1, cc.CardState.LOST, cc.Refusal.LOST),
        (3, 1, cc.CardState.FROZEN, cc.Refusal.CLOSED),
    ]
    for serial, issue, denied, reason in tried:
        with pytest.raises(cc.RefusedError) as caught:
            cc.check_card(cc.card_number(serial), issue, directory, denied)
        assert caught.value.refusal is reason


def test_denylist_denies_one_issue_or_all() -> None:
    held = cc.Denylist().apply(
        cc.pack_denylist(
            [
                cc.Denial(CARD, 1, cc.CardState.FROZEN, 1),
                cc.Denial(CARD, None, cc.CardState.LOST, 2),
                cc.Denial("57299993", 42, cc.CardState.CLOSED, 2),
            ]
        ),
        2,
    )
    assert held.state_of(CARD, 1) is cc.CardState.LOST
    assert held.state_of(CARD, 7) is cc.CardState.LOST
    assert held.state_of("57299993", 42) is cc.CardState.CLOSED
    assert held.state_of("57299993", 41) is None
    assert held.state_of("00000000", 0) is None
    lifted = held.apply(cc.pack_denylist([cc.Denial(CARD, None, cc.CardState.ACTIVE, 3)], 2), 3)
    assert lifted.state_of(CARD, 1) is cc.CardState.FROZEN
    assert lifted.state_of(CARD, 7) is None
    assert len(held) == 3
    assert [one.issue for one in held] == [1, None, 42]


def test_denylist_refuses_stale_wrong_base_and_damage() -> None:
    held = cc.Denylist().apply(DENYLIST_PAYLOAD, 2)
    assert fault(held.apply, DENYLIST_PAYLOAD, 2) is cc.DocumentFault.STALE_VERSION
    delta = cc.pack_denylist([], 1)
    assert fault(held.apply, delta, 3) is cc.DocumentFault.WRONG_BASE
    good = DENYLIST_PAYLOAD
    bad = {
        "nothing": b"",
        "cut": good[:-1],
        "flags": good[:8] + b"\2" + good[9:],
        "issue 100": good[:17] + bytes([100]) + good[18:],
        "state 4": good[:18] + bytes([4]) + good[19:],
        "version 0": good[:19] + bytes(8),
        "version to come": good[:19] + (99).to_bytes(8, "big"),
        "number": good[:13] + b"\xff" * 4 + good[17:],
        "twice": good[:9] + (2).to_bytes(4, "big") + good[13:] * 2,
    }
    for name, payload in bad.items():
        assert fault(cc.Denylist().apply, payload, 2) is cc.DocumentFault.MALFORMED, name
    many = good[:9] + (200_001).to_bytes(4, "big")
    assert fault(cc.Denylist().apply, many, 2) is cc.DocumentFault.OVER_LIMIT


def denials(count: int) -> list[cc.Denial]:
    return [cc.Denial(cc.card_number(n), None, cc.CardState.FROZEN, 1) for n in range(count)]


def test_denylist_that_denies_too_many_is_implausible_unless_flagged() -> None:
    for count, known, is_fine in ((20, 1, True), (21, 1050, True), (21, 1049, False)):
        payload = cc.pack_denylist(denials(count))
        if is_fine:
            assert len(cc.Denylist().apply(payload, 1, known)) == count
        else:
            why = fault(cc.Denylist().apply, payload, 1, known)
            assert why is cc.DocumentFault.IMPLAUSIBLE
    flagged = cc.pack_denylist(denials(100), is_mass=True)
    assert len(cc.Denylist().apply(flagged, 1, 100)) == 100


def test_denylist_packs_nothing_out_of_bounds() -> None:
    for bad in (
        cc.Denial("20240014", 1, cc.CardState.LOST, 1),
        cc.Denial(CARD, 100, cc.CardState.LOST, 1),
        cc.Denial(CARD, 1, cc.CardState.UNKNOWN, 1),
        cc.Denial(CARD, 1, cc.CardState.LOST, 0),
    ):
        with pytest.raises(cc.ShapeError):
            cc.pack_denylist([bad])
    with pytest.raises(cc.ShapeError, match="twice"):
        cc.pack_denylist([cc.Denial(CARD, 1, cc.CardState.LOST, n) for n in (1, 2)])


def test_boxes_open_for_their_key_and_context_alone() -> None:
    private, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    sealed = cc.seal_to(private.public_key(), b"secret", b"session")
    assert cc.open_sealed(private, sealed, b"session") == b"secret"
    assert sealed != cc.seal_to(private.public_key(), b"secret", b"session")
    bad = cc.DocumentFault.BAD_SEAL
    assert fault(cc.open_sealed, other, sealed, b"session") is bad
    assert fault(cc.open_sealed, private, sealed, b"keyring") is bad
    assert fault(cc.open_sealed, private, bytes(32) + sealed[32:], b"session") is bad
    for place in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[place] ^= 1
        assert fault(cc.open_sealed, private, bytes(flipped), b"session") is bad
    for length in range(len(sealed)):
        assert fault(cc.open_sealed, private, sealed[:length], b"session") is bad
    with pytest.raises(cc.ShapeError):
        cc.seal_to(private.public_key(), bytes(65_537), b"")


def test_keyring_bytes_come_back_and_damage_is_refused() -> None:
    ring = cc.Keyring((*RING.keys, cc.EpochKey(8, 5, 9, bytes(32))))
    raw = cc.keyring_to_bytes(ring)
    assert cc.keyring_from_bytes(raw) == ring
    assert len(raw) == 2 + 2 * 52
    one = cc.keyring_to_bytes(RING)
    backwards = one[:6] + (9).to_bytes(8, "big") + (9).to_bytes(8, "big") + TERMINAL_MASTER
    for bad in (
        b"",
        raw[:-1],
        raw + b"\0",
        b"\2" + raw[1:],
        backwards,
        one[:1] + b"\2" + one[2:] * 2,
    ):
        assert fault(cc.keyring_from_bytes, bad) is cc.DocumentFault.MALFORMED
