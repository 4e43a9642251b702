"""Chips: how they are written, the list terminals hold, and the key of each."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import campus_code as cc
from campus_code.chip_keys import CLASSIC_KEY_BYTES, cmac
from campus_code.chips import TAKEN_AWAY
from tests.unit.campus_code.samples import payment

DESFIRE = cc.Chip(cc.ChipKind.DESFIRE, bytes.fromhex("04782e21801d80"))
CPU = cc.Chip(cc.ChipKind.CPU, bytes.fromhex("2023000000123456"))
CLASSIC = cc.Chip(cc.ChipKind.CLASSIC, bytes.fromhex("deadbeef"))
CHIPS = (DESFIRE, CPU, CLASSIC)
CARDS = tuple(cc.card_number(number) for number in range(3))
MASTER = bytes(range(16))


def held(*pairs: tuple[cc.Chip, str | None], version: int = 1) -> cc.ChipList:
    return cc.ChipList().apply(cc.pack_chips(pairs), version)


def test_a_chip_is_written_in_one_way() -> None:
    assert str(DESFIRE) == "desfire:04782e21801d80"
    for chip in CHIPS:
        assert cc.chip_from_text(str(chip)) == chip
    wrong = ("", "desfire", "desfire:", "desfire:04782E21801D80", "desfire:04 782e21801d80")
    for text in (*wrong, "desfire:04782e21", "prox:deadbeef", "classic:deadbeef00", 7, "1" * 34):
        with pytest.raises(cc.ShapeError):
            cc.chip_from_text(text)


def test_a_record_names_a_chip_and_nothing_of_a_code() -> None:
    fields: dict[str, Any] = {"credential": str(DESFIRE), "step": 0, "epoch": 0, "issue": 0}
    record = payment(**fields)
    assert cc.record_from_bytes(record.to_bytes()) == record
    for name in ("step", "epoch", "issue"):
        with pytest.raises(cc.ShapeError):
            payment(**(fields | {name: 1}))
    with pytest.raises(cc.ShapeError):
        payment(**(fields | {"credential": "desfire:00"}))


def test_a_list_finds_each_chip_and_no_other() -> None:
    chips = held(*zip(CHIPS, CARDS, strict=True))
    assert [chips.find(chip) for chip in CHIPS] == list(CARDS)
    assert chips.find(cc.Chip(cc.ChipKind.CLASSIC, bytes.fromhex("deadbeef000000"))) is None
    assert cc.ChipList().find(DESFIRE) is None
    assert cc.pack_chips(chips) == cc.pack_chips(zip(CHIPS, CARDS, strict=True))


def test_changes_add_move_and_take_away() -> None:
    chips = held((DESFIRE, CARDS[0]), (CPU, CARDS[1]))
    changes = cc.pack_chips([(DESFIRE, None), (CPU, CARDS[2]), (CLASSIC, CARDS[0])], 1)
    after = chips.apply(changes, 2)
    assert [after.find(chip) for chip in CHIPS] == [None, CARDS[2], CARDS[0]]
    assert chips.find(DESFIRE) == CARDS[0]
    with pytest.raises(cc.DocumentError) as stale:
        after.apply(changes, 2)
    with pytest.raises(cc.DocumentError) as other:
        after.apply(cc.pack_chips([], 1), 3)
    faults = (stale.value.why, other.value.why)
    assert faults == (cc.DocumentFault.STALE_VERSION, cc.DocumentFault.WRONG_BASE)


@given(st.dictionaries(st.binary(min_size=7, max_size=7), st.integers(0, 9_999_998), max_size=40))
def test_any_list_comes_back_whole(rows: dict[bytes, int]) -> None:
    pairs = [(cc.Chip(cc.ChipKind.DESFIRE, uid), cc.card_number(n)) for uid, n in rows.items()]
    chips = held(*pairs)
    assert sorted(map(repr, chips)) == sorted(map(repr, pairs))
    assert all(chips.find(chip) == number for chip, number in pairs)


def test_a_list_written_otherwise_is_malformed() -> None:
    good = cc.pack_chips(zip(CHIPS, CARDS, strict=True))
    head, rows = good[:12], [good[12 + at : 28 + at] for at in (0, 16, 32)]
    gone = TAKEN_AWAY.to_bytes(4, "big")
    wrong = (
        good[:-1],
        head + rows[1] + rows[0] + rows[2],
        head + rows[0] + rows[0] + rows[2],
        head + b"\x09" + good[13:],
        head + rows[0][:11] + b"\x01" + rows[0][12:] + rows[1] + rows[2],
        good[:-4] + gone,
        good[:-4] + b"\x05\xf5\xe1\x00",
    )
    for raw in wrong:
        with pytest.raises(cc.DocumentError) as caught:
            cc.ChipList().apply(raw, 1)
        assert caught.value.why is cc.DocumentFault.MALFORMED


def test_the_diversified_key_is_what_nxp_published() -> None:
    """AN10922, chapter 2.2.2."""
    master = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    told = bytes.fromhex("04782E21801D803042F54E585020416275")
    assert cc.an10922(master, told).hex().upper() == "A8DD63A3B89D54B37CA802473FDA9175"


def test_the_mac_is_what_nist_published() -> None:
    """SP 800-38B, appendix D.1: no bytes, one block, two and a half."""
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    text = bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
    )
    assert cmac(key, b"").hex() == "bb1d6929e95937287fa37d129b756746"
    assert cmac(key, text[:16]).hex() == "070a16b46b4d4144f79bdd9dd04a287c"
    assert cmac(key, text).hex() == "dfa66747de9ae63030ca32611497c827"


@pytest.mark.parametrize("chip", CHIPS, ids=str)
def test_every_chip_has_a_key_of_its_own(chip: cc.Chip) -> None:
    keys = cc.ChipKeys((cc.ChipKey(chip.kind, MASTER),))
    other = cc.Chip(chip.kind, bytes(len(chip.uid)))
    mine, another = keys.of(chip), keys.of(other)
    assert mine is not None
    assert len(mine) == (CLASSIC_KEY_BYTES if chip.kind is cc.ChipKind.CLASSIC else 16)
    assert mine != another
    assert mine not in (MASTER, MASTER[:6])
    assert cc.ChipKeys().of(chip) is None


@pytest.mark.parametrize("kind", list(cc.ChipKind), ids=str)
def test_a_transport_key_is_no_master(kind: cc.ChipKind) -> None:
    for master in (bytes(16), b"\xff" * 16, b"\x11" * 16):
        with pytest.raises(cc.ShapeError):
            cc.ChipKey(kind, master)
    assert "00112233" not in repr(cc.ChipKey(kind, bytes.fromhex("00112233" * 4)))


def test_a_keyring_carries_chip_keys_behind_its_own() -> None:
    ring = cc.Keyring((cc.EpochKey(7, 0, 10, bytes(range(32))),))
    keys = cc.ChipKeys(tuple(cc.ChipKey(kind, MASTER) for kind in cc.ChipKind))
    raw = cc.keyring_to_bytes(ring, keys)
    assert cc.keys_from_bytes(raw) == (ring, keys)
    assert cc.keyring_from_bytes(raw) == ring
    plain = cc.keyring_to_bytes(ring)
    assert (plain[0], raw[0]) == (1, 2)
    assert cc.keys_from_bytes(plain) == (ring, cc.ChipKeys())
    for wrong in (raw[:-1], raw + b"\0", plain + b"\0", b"\x03" + raw[1:], plain[:-1]):
        with pytest.raises(cc.DocumentError):
            cc.keys_from_bytes(wrong)
