"""MACs and keys, against published vectors and against Node's OpenSSL as a second opinion."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_gateway.keys import (
    KeyBlockError,
    WorkingKeys,
    check_value,
    join_components,
    open_block,
    open_key,
    pin_block,
    seal_key,
)
from bank_gateway.macs import MACS, des_decrypt, des_encrypt, sm4_encrypt
from scripts import environment

TMK = bytes.fromhex("CA5D92598DCA48CE8A4C76361A9269E9")
"""A published example of a sign-in, not a key that anybody uses."""
BLOCK = bytes.fromhex(
    "6701EAD6A9AD51E51AA406E2C27FCFA98D0A74B8B651F9E9BACE9AE10000000000000000AB7153CA"
)
PIK = bytes.fromhex("807A23AD32B36D457AE91FDF927570EA")
MAK = bytes.fromhex("5BB5C72CD00B7338")
KEK = bytes(range(32))
KEYS = {
    "ecb": bytes(range(16)),
    "ecb_sm4": bytes(range(16)),
    "x9.9": bytes(range(1, 9)),
    "x9.19": bytes(range(16)),
}
NODE = Path(__file__).with_name("macs.mjs")


def test_the_published_sign_in_opens() -> None:
    keys = open_block(TMK, BLOCK)
    assert (keys.pik, keys.mak) == (PIK, MAK)
    assert check_value(PIK) == BLOCK[16:20]


@pytest.mark.parametrize("at", range(0, 40, 3))
def test_a_changed_block_is_refused(at: int) -> None:
    changed = BLOCK[:at] + bytes([BLOCK[at] ^ 0xFE]) + BLOCK[at + 1 :]
    with pytest.raises(KeyBlockError):
        open_block(TMK, changed)


@pytest.mark.parametrize("size", [0, 23, 25, 56, 84])
def test_a_block_of_a_length_nobody_defined_is_refused(size: int) -> None:
    with pytest.raises(KeyBlockError, match="24, 40, 60"):
        open_block(TMK, bytes(size))


@pytest.mark.parametrize("size", [24, 40, 60])
def test_blocks_of_each_length_open(size: int) -> None:
    lengths = {24: (8, 8), 40: (16, 16), 60: (16, 16, 16)}[size]
    keys = [bytes(range(n, n + length)) for n, length in enumerate(lengths, 1)]
    block = b"".join(des_encrypt(TMK, one) + check_value(one) for one in keys)
    opened = open_block(TMK, block)
    assert [opened.pik, opened.mak, opened.tdk][: len(keys)] == keys


@settings(max_examples=10, deadline=None)
@given(data=st.lists(st.binary(max_size=200), min_size=12, max_size=12))
def test_a_second_library_makes_the_same_macs(data: list[bytes]) -> None:
    asked = [
        (kind, key.hex(), one.hex()) for kind, key in KEYS.items() for one in [*data, b"", b"x" * 8]
    ]
    ran = subprocess.run(
        [str(environment.ensure_node() / "node"), str(NODE)],
        input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    made = [MACS[kind](bytes.fromhex(key), bytes.fromhex(one)).hex() for kind, key, one in asked]
    assert json.loads(ran.stdout) == made


@pytest.mark.parametrize("kind", list(KEYS))
def test_every_bit_of_a_message_and_of_the_key_counts(kind: str) -> None:
    message, key = b"a message of more than one block of bytes", KEYS[kind]
    made = MACS[kind](key, message)
    for at in range(len(message)):
        changed = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
        assert MACS[kind](key, changed) != made
    for at in range(len(key)):  # the lowest bit of a DES key's byte is its parity
        assert MACS[kind](key[:at] + bytes([key[at] ^ 2]) + key[at + 1 :], message) != made


def test_ciphers_know_the_standards_own_examples() -> None:
    sm4 = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    assert sm4_encrypt(sm4, sm4).hex() == "681edf34d206965e86b3e94f536e4246"  # GB/T 32907, appendix
    des = bytes.fromhex("133457799BBCDFF1")
    assert des_encrypt(des, bytes.fromhex("0123456789ABCDEF")).hex() == "85e813540f0ab405"


@given(
    pin=st.text("0123456789", min_size=4, max_size=12),
    account=st.text("0123456789", min_size=13, max_size=19),
)
def test_a_pin_travels_hidden_and_is_found_by_whoever_has_the_key(pin: str, account: str) -> None:
    hidden = pin_block(PIK, pin, account)
    plain = des_decrypt(PIK, hidden)
    mask = bytes.fromhex("0000" + account[:-1][-12:])
    open_ = bytes(one ^ other for one, other in zip(plain, mask, strict=True)).hex()
    assert (int(open_[:2]), open_[2 : 2 + len(pin)]) == (len(pin), pin)


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "１２３４", ""])
def test_a_pin_that_is_none_is_refused_without_being_told(pin: str) -> None:
    with pytest.raises(ValueError, match="4 to 12 digits") as raised:
        pin_block(PIK, pin, "6200000000000000017")
    assert not pin or pin not in str(raised.value)


def test_a_master_key_lies_sealed_on_disk_for_one_terminal() -> None:
    sealed = seal_key(KEK, TMK, "bank/00000001", bytes)
    assert TMK not in sealed
    assert open_key(KEK, sealed, "bank/00000001") == TMK
    for kek, bytes_, about in (
        (bytes(32), sealed, "bank/00000001"),
        (KEK, sealed, "bank/00000002"),
        (KEK, sealed[:-1] + bytes([sealed[-1] ^ 1]), "bank/00000001"),
        (KEK, b"", "bank/00000001"),
        (b"short", sealed, "bank/00000001"),
    ):
        with pytest.raises(KeyBlockError):
            open_key(kek, bytes_, about)


def test_a_master_key_comes_from_several_people() -> None:
    parts = (bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48)))
    joined = join_components(parts)
    assert bytes(a ^ b ^ c for a, b, c in zip(*parts, strict=True)) == joined
    for wrong in ((), parts[:1], (parts[0], parts[1][:8])):
        with pytest.raises(KeyBlockError):
            join_components(wrong)


def test_no_key_is_shown() -> None:
    shown = repr(WorkingKeys(PIK, MAK, bytes(16)))
    assert PIK.hex() not in shown
    assert repr(PIK) not in shown
    assert repr(MAK) not in shown
