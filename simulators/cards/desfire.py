"""DESFire EV1: applications, AES authentication and changing a key, wrapped as `90 INS …`."""

from __future__ import annotations

import binascii
import os
from dataclasses import dataclass, field

from simulators.cards.ciphers import aes, desfire_key

APPLICATION = bytes.fromhex("F04341")
OK, MORE, NOT_FOUND, DUPLICATE = b"\x91\x00", b"\x91\xaf", b"\x91\xa0", b"\x91\xde"
WRONG_AUTHENTICATION, ILLEGAL, BAD_CRC = b"\x91\xae", b"\x91\x1c", b"\x91\x1e"


@dataclass
class Desfire:
    """A chip with its applications' keys; fresh from the factory it has none."""

    uid: bytes = bytes.fromhex("04782E21801D80")
    keys: dict[bytes, bytes] = field(default_factory=dict)
    atr: bytes = bytes.fromhex("3B8180018080")

    def __post_init__(self) -> None:
        self.reset()

    @classmethod
    def written(cls, master: bytes, uid: bytes = bytes.fromhex("04782E21801D80")) -> Desfire:
        """A chip of this school."""
        return cls(uid, {APPLICATION: desfire_key(master, uid)})

    def reset(self) -> None:
        """Lose power: selection, authentication and session."""
        self._selected: bytes | None = None
        self._challenge: tuple[bytes, bytes] | None = None
        self._session: bytes | None = None

    def apdu(self, command: bytes) -> bytes:
        """Answer one command."""
        if command[:2] == b"\xff\xca":
            return self.uid + b"\x90\x00"
        if command[0] != 0x90:
            return b"\x6e\x00"
        data = command[5 : 5 + command[4]] if len(command) > 5 else b""
        verbs = {
            0x5A: self._select,
            0xCA: self._create,
            0xAA: self._begin,
            0xAF: self._finish,
            0xC4: self._change,
        }
        verb = verbs.get(command[1])
        return ILLEGAL if verb is None else verb(data)

    def _select(self, data: bytes) -> bytes:
        self.reset()
        name = data[::-1]
        if name != bytes(3) and name not in self.keys:
            return NOT_FOUND
        self._selected = name
        return OK

    def _create(self, data: bytes) -> bytes:
        name = data[2::-1]
        if self._selected != bytes(3):
            return WRONG_AUTHENTICATION
        if name in self.keys:
            return DUPLICATE
        self.keys[name] = bytes(16)
        return OK

    def _begin(self, _data: bytes) -> bytes:
        key = self.keys.get(self._selected or b"")
        if key is None:
            return WRONG_AUTHENTICATION
        fresh = os.urandom(16)
        self._challenge = fresh, aes(key, bytes(16), fresh)
        return self._challenge[1] + MORE

    def _finish(self, data: bytes) -> bytes:
        challenge, self._challenge = self._challenge, None
        if challenge is None or self._selected is None or len(data) != 32:
            return WRONG_AUTHENTICATION
        fresh, sealed = challenge
        key = self.keys[self._selected]
        plain = aes(key, sealed, data, back=True)
        theirs, mine = plain[:16], plain[16:]
        if mine != fresh[1:] + fresh[:1]:
            return WRONG_AUTHENTICATION
        self._session = theirs[:4] + fresh[:4] + theirs[12:] + fresh[12:]
        return aes(key, data[-16:], theirs[1:] + theirs[:1]) + OK

    def _change(self, data: bytes) -> bytes:
        if self._session is None or self._selected is None or len(data) != 33:
            return WRONG_AUTHENTICATION
        plain = aes(self._session, bytes(16), data[1:], back=True)
        told = int.from_bytes(plain[17:21], "little")
        right = binascii.crc32(b"\xc4" + data[:1] + plain[:17]) ^ 0xFFFFFFFF
        if told != right:
            return BAD_CRC
        self.keys[self._selected] = plain[:16]
        self._session = None
        return OK
