"""What the chips compute, written out from their data sheets."""

from __future__ import annotations

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC


def aes(key: bytes, initial: bytes, data: bytes, *, back: bool = False) -> bytes:
    """AES-CBC without padding."""
    cipher = Cipher(AES(key), modes.CBC(initial))
    turn = cipher.decryptor() if back else cipher.encryptor()
    return turn.update(data) + turn.finalize()


def des(key: bytes, data: bytes) -> bytes:
    """Two-key 3DES, block by block."""
    turn = Cipher(TripleDES(key + key[:8]), modes.ECB()).encryptor()  # noqa: S305 - as the cards do
    return turn.update(data) + turn.finalize()


def desfire_key(master: bytes, uid: bytes) -> bytes:
    """AN10922 with this school's application and label; 21 bytes, so always padded to 32."""
    told = (b"\x01" + uid + b"\xf0\x43\x41" + b"campus-code" + b"\x80").ljust(32, b"\0")
    zero = int.from_bytes(aes(master, bytes(16), bytes(16)), "big")
    for _ in range(2):
        zero = (zero << 1) ^ ((zero >> 127) * ((1 << 128) | 0x87))
    masked = int.from_bytes(told[16:], "big") ^ zero
    return aes(master, bytes(16), told[:16] + masked.to_bytes(16, "big"))[16:]


def cpu_key(master: bytes, serial: bytes) -> bytes:
    """PBOC: the serial number, and what is left of it to all ones."""
    return des(master, serial) + des(master, bytes(255 - byte for byte in serial))


def classic_key(master: bytes, uid: bytes) -> bytes:
    """Six bytes of a CMAC."""
    mac = CMAC(AES(master))
    mac.update(b"campus-code/chip/classic" + uid)
    return mac.finalize()[:6]
