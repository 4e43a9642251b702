"""Codes over a message: who has not the key can neither make nor change one.

Four kinds are in use. Each takes the working key (MAK) and the bytes that are covered, and gives
what stands in the message's MAC field. Single DES is the bank's choice, not ours: it is written as
3DES with one key three times, so that no weaker cipher is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

DES_BLOCK: Final = 8
SM4_BLOCK: Final = 16
MAC_BYTES: Final = 8
Mac = Callable[[bytes, bytes], bytes]


def des_encrypt(key: bytes, data: bytes) -> bytes:
    """Encrypt whole blocks with a key of 8, 16 or 24 bytes (ECB)."""
    return _run(Cipher(_des(key), modes.ECB()).encryptor(), data)  # noqa: S305 - the banks' standard


def des_decrypt(key: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks with a key of 8, 16 or 24 bytes (ECB)."""
    return _run(Cipher(_des(key), modes.ECB()).decryptor(), data)  # noqa: S305 - the banks' standard


def sm4_encrypt(key: bytes, data: bytes) -> bytes:
    """Encrypt whole blocks with an SM4 key of 16 bytes (ECB)."""
    return _run(Cipher(SM4(key), modes.ECB()).encryptor(), data)  # noqa: S305 - the banks' standard


def mac_ecb(key: bytes, covered: bytes) -> bytes:
    """银联 ECB: fold all blocks into one, encrypt its hexadecimal digits, keep eight of the result.

    The MAC is eight ASCII characters, not eight raw bytes.
    """
    return _folded(covered, DES_BLOCK, lambda block: des_encrypt(key, block))


def mac_ecb_sm4(key: bytes, covered: bytes) -> bytes:
    """The same with SM4 and blocks of sixteen bytes."""
    return _folded(covered, SM4_BLOCK, lambda block: sm4_encrypt(key, block))


def mac_x99(key: bytes, covered: bytes) -> bytes:
    """ANSI X9.9: a chain of single DES over all blocks; eight raw bytes."""
    block = bytes(DES_BLOCK)
    for piece in _blocks(covered, DES_BLOCK):
        block = des_encrypt(key[:DES_BLOCK], _xor(block, piece))
    return block


def mac_x919(key: bytes, covered: bytes) -> bytes:
    """ANSI X9.19, the retail MAC: X9.9's last block goes once through both halves of the key."""
    left, right = key[:DES_BLOCK], key[DES_BLOCK : 2 * DES_BLOCK]
    return des_encrypt(left, des_decrypt(right, mac_x99(left, covered)))


MACS: Final[Mapping[str, Mac]] = {
    "ecb": mac_ecb,
    "ecb_sm4": mac_ecb_sm4,
    "x9.9": mac_x99,
    "x9.19": mac_x919,
}
"""By the word a profile uses."""
KEY_BYTES: Final[Mapping[str, tuple[int, ...]]] = {
    "ecb": (8, 16),
    "ecb_sm4": (16,),
    "x9.9": (8,),
    "x9.19": (16,),
}
"""How long a MAK each of them takes."""


def _folded(covered: bytes, size: int, encrypt: Callable[[bytes], bytes]) -> bytes:
    block = bytes(size)
    for piece in _blocks(covered, size):
        block = _xor(block, piece)
    digits = block.hex().upper().encode()
    once = encrypt(digits[:size])
    return encrypt(_xor(once, digits[size:])).hex().upper()[:MAC_BYTES].encode()


def _blocks(data: bytes, size: int) -> list[bytes]:
    """Whole blocks; the last one is filled with zeros."""
    padded = data + bytes(-len(data) % size)
    return [padded[at : at + size] for at in range(0, len(padded), size)]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _des(key: bytes) -> TripleDES:
    if len(key) not in {8, 16, 24}:
        raise ValueError(f"a DES key has 8, 16 or 24 bytes, not {len(key)}")
    return TripleDES({8: key * 3, 16: key + key[:8], 24: key}[len(key)])


def _run(context: CipherContext, data: bytes) -> bytes:
    return context.update(data) + context.finalize()
