"""Datagrams between terminals: sealed, bounded, and nobody's nonce twice."""

import random

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import campus_code as cc
from campus_code.gossip import (
    GOSSIP_BYTES_MAX,
    PIECE_BYTES_MAX,
    Fact,
    Gossip,
    OfflineSum,
    Piece,
    Sender,
    Use,
    Want,
    open_gossip,
    seal_gossip,
)

AT = 1_767_225_600
KEY = cc.EpochKey(7, AT - 100, AT + 100, bytes(range(32)))
RING = cc.Keyring((KEY,))
SENDER = Sender(17, b"r" * 16, 5)
CARD = "20240013"


def sealed(*facts: Fact) -> bytes:
    return seal_gossip(Gossip(AT, 3, 4, facts=facts), KEY, SENDER)


def fault(raw: bytes, at: int = AT) -> cc.DocumentFault:
    with pytest.raises(cc.DocumentError) as refused:
        open_gossip(raw, RING, at)
    return refused.value.why


def test_what_is_said_is_heard() -> None:
    facts = (
        Use(CARD, 99, AT // 15, has_paid=True),
        OfflineSum(CARD, 2**63 - 1, 65_535, 2**32 - 1),
        Want(0),
        Piece(9, 0, 63, 64, b"x"),
    )
    assert open_gossip(sealed(*facts), RING, AT) == (SENDER, Gossip(AT, 3, 4, facts=facts))


def test_58_sums_or_one_whole_piece_fit_and_no_more() -> None:
    sums = [OfflineSum(CARD, 1, 1, 1)] * 58
    assert len(sealed(*sums)) <= GOSSIP_BYTES_MAX
    assert len(sealed(Piece(1, 0, 0, 1, bytes(PIECE_BYTES_MAX)))) <= GOSSIP_BYTES_MAX
    with pytest.raises(cc.ShapeError, match="1200 bytes"):
        sealed(*sums, *sums)


def test_every_flipped_bit_is_refused() -> None:
    good = sealed(Use(CARD, 1, AT // 15))
    for place in range(len(good)):
        for bit in range(8):
            bad = bytearray(good)
            bad[place] ^= 1 << bit
            fault(bytes(bad))


def test_a_key_outside_its_time_opens_nothing() -> None:
    good = sealed()
    assert fault(good, AT + 100) is cc.DocumentFault.BAD_SEAL
    assert fault(good, AT - 101) is cc.DocumentFault.BAD_SEAL
    assert fault(bytes(GOSSIP_BYTES_MAX + 1)) is cc.DocumentFault.OVER_LIMIT


def test_terminals_runs_and_epochs_have_keys_of_their_own() -> None:
    said = Gossip(AT, 3, 4)
    senders = [SENDER, Sender(18, SENDER.run, 5), Sender(17, b"s" * 16, 5)]
    later = cc.EpochKey(8, AT - 100, AT + 100, KEY.master)
    streams = {seal_gossip(said, KEY, one)[36:] for one in senders}
    assert len(streams | {seal_gossip(said, later, SENDER)[36:]}) == 4


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        bytes(24),
        bytes(24) + b"\2",
        bytes(25) + b"\5",
        bytes(25) + b"\1" + bytes(13),
        bytes(25) + b"\1" + (20240014).to_bytes(4, "big") + bytes(10),
        bytes(25) + b"\1" + (20240013).to_bytes(4, "big") + b"\x64" + bytes(9),
        bytes(25) + b"\1" + (20240013).to_bytes(4, "big") + bytes(9) + b"\4",
        bytes(25) + b"\2" + (20240013).to_bytes(4, "big") + bytes(14),
        bytes(25) + b"\4" + bytes(8) + b"\0" * 14,
        bytes(25) + b"\4" + (1).to_bytes(8, "big") + bytes(8) + b"\0\1\0\1\0\1x",
        bytes(25) + b"\4" + (1).to_bytes(8, "big") + bytes(8) + b"\0\0\0\1\0\2x",
    ],
)
def test_a_terminal_that_writes_nonsense_is_not_heard(plain: bytes) -> None:
    good = sealed()
    box, nonce = _box_of(good)
    raw = good[:36] + box.encrypt(nonce, plain, good[:36])
    assert fault(raw) is cc.DocumentFault.MALFORMED


def test_random_bytes_under_the_right_key_never_crash() -> None:
    chance = random.Random(1)
    found = set()
    good = sealed()
    box, nonce = _box_of(good)
    for _ in range(3000):
        plain = bytes(24) + bytes([chance.randrange(2)]) + chance.randbytes(chance.randrange(60))
        raw = good[:36] + box.encrypt(nonce, plain, good[:36])
        try:
            heard = open_gossip(raw, RING, AT)[1]
        except cc.DocumentError as error:
            found.add(error.why)
        else:
            assert len(heard.facts) <= 60
    assert found == {cc.DocumentFault.MALFORMED}


def _box_of(good: bytes) -> tuple[ChaCha20Poly1305, bytes]:
    """The key as the format page derives it, not as the program does."""
    salt = (17).to_bytes(4, "big") + b"r" * 16
    key = HKDF(SHA256(), 32, salt, b"campus-code/9/gossip/07").derive(KEY.master)
    return ChaCha20Poly1305(key), bytes(4) + good[28:36]
