"""
OSDP frames as they travel: 53 | address | length (2, little-endian) | control | [security block]
| code | data | [MAC, 4 bytes] | CRC-16 (2, little-endian). Control: bits 0–1 the sequence, bit 2
a CRC instead of a checksum, bit 3 a security block.
"""

from __future__ import annotations

from dataclasses import dataclass

SOM = 0x53
HEAD_BYTES = 5
CRC_BYTES = 2
MAC_BYTES = 4
HAS_CRC = 0x04
HAS_SECURITY = 0x08
IS_REPLY = 0x80
FRAME_BYTES_MAX = 1440
_POLYNOMIAL = 0x1021
_CRC_START = 0x1D0F
_WITH_MAC = range(0x15, 0x19)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame taken apart. `raw` are its bytes up to the MAC: what a MAC is made over."""

    address: int
    sequence: int
    security: bytes
    code: int
    data: bytes
    mac: bytes = b""
    raw: bytes = b""


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial 1021 and start 1D0F, as OSDP wants it."""
    crc = _CRC_START
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ _POLYNOMIAL) & 0xFFFF if crc & 0x8000 else crc << 1
    return crc


def take_frame(held: bytearray) -> Frame | None:
    """Take the first whole frame out of what was read; noise before it and torn frames are lost."""
    while True:
        begins = held.find(SOM)
        if begins < 0:
            held.clear()
            return None
        del held[:begins]
        if len(held) < HEAD_BYTES:
            return None
        length = int.from_bytes(held[2:4], "little")
        if not HEAD_BYTES + 1 + CRC_BYTES <= length <= FRAME_BYTES_MAX:
            del held[0]
            continue
        if len(held) < length:
            return None
        whole = bytes(held[:length])
        if crc16(whole[:-CRC_BYTES]) != int.from_bytes(whole[-CRC_BYTES:], "little"):
            del held[0]
            continue
        del held[:length]
        return _apart(whole)


def _apart(whole: bytes) -> Frame:
    control = whole[4]
    at = HEAD_BYTES
    security = b""
    if control & HAS_SECURITY:
        security = whole[at : at + whole[at]]
        at += whole[at]
    end = len(whole) - CRC_BYTES
    mac = b""
    if security and security[1] in _WITH_MAC:
        end -= MAC_BYTES
        mac = whole[end : end + MAC_BYTES]
    return Frame(whole[1], control & 3, security, whole[at], whole[at + 1 : end], mac, whole[:end])


def unsigned(address: int, sequence: int, security: bytes, code: int, data: bytes) -> bytes:
    """A reply's bytes up to its MAC, with the length it will have in the end."""
    control = sequence | HAS_CRC | (HAS_SECURITY if security else 0)
    mac = MAC_BYTES if security and security[1] in _WITH_MAC else 0
    body = security + bytes((code,)) + data
    length = HEAD_BYTES + len(body) + mac + CRC_BYTES
    head = bytes((SOM, address | IS_REPLY)) + length.to_bytes(2, "little") + bytes((control,))
    return head + body


def finished(raw: bytes, mac: bytes = b"") -> bytes:
    """The frame with its MAC and its CRC."""
    whole = raw + mac
    return whole + crc16(whole).to_bytes(CRC_BYTES, "little")
