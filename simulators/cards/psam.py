"""A PSAM as docs/cards.md describes it, and what thieves and accidents make of one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from simulators.cards.ciphers import aes, classic_key, cpu_key, des, desfire_key

NAME = b"CAMPUS.PSAM"
OK, NOT_FOUND, WRONG_DATA = b"\x90\x00", b"\x6a\x82", b"\x6a\x80"
NO_KEY, NOT_PROVED, BLOCKED = b"\x6a\x88", b"\x69\x82", b"\x69\x83"
NOT_NOW, SEALED, WRONG = b"\x69\x85", b"\x69\x86", b"\x63\x00"
TRIES = 10
DESFIRE, CPU, CLASSIC = 1, 2, 3


@dataclass
class PsamCard:
    """A card; `masters` by the number of a kind, `pairing` nothing while it is fresh."""

    masters: dict[int, bytes] = field(default_factory=dict)
    pairing: bytes = b""
    tries: int = TRIES
    atr: bytes = bytes.fromhex("3B9F9681B1FE451F070064051EB20031B0739621DB00")

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Lose power: selection, session and what was begun."""
        self._is_selected = self._is_open = False
        self._challenge = b""
        self._right: bytes | None = None

    def apdu(self, command: bytes) -> bytes:
        """Answer one command."""
        instruction, kind, data = command[1], command[2], command[5 : 5 + command[4]]
        if instruction == 0xA4:
            self.reset()
            self._is_selected = data == NAME
            return b"\x01" + OK if self._is_selected else NOT_FOUND
        if not self._is_selected:
            return NOT_NOW
        if instruction == 0x84:
            self._challenge = os.urandom(16)
            return self._challenge + OK
        if instruction == 0x82:
            return self._authenticate(data)
        if instruction in (0xD4, 0xD8):
            return self._load(instruction, kind, data)
        if not self._is_open:
            return NOT_PROVED
        return self._begin(kind, data) if instruction == 0x50 else self._finish(data)

    def _authenticate(self, data: bytes) -> bytes:
        challenge, self._challenge = self._challenge, b""
        if not self.tries:
            return BLOCKED
        if not self.pairing or not challenge or len(data) != 32:
            return NOT_NOW
        theirs, proof = data[:16], data[16:]
        if proof != _mac(self.pairing, b"campus-code/psam/terminal" + challenge + theirs):
            self.tries -= 1
            return bytes((0x63, 0xC0 + self.tries))
        self._is_open, self.tries = True, TRIES
        kinds = bytes(sorted(self.masters))
        told = b"campus-code/psam/card" + theirs + challenge + kinds
        return kinds + _mac(self.pairing, told) + OK

    def _load(self, instruction: int, kind: int, data: bytes) -> bytes:
        if self.pairing:
            return SEALED
        if len(data) != 16:
            return WRONG_DATA
        if instruction == 0xD4:
            self.masters[kind] = data
        else:
            self.pairing = data
        return OK

    def _begin(self, kind: int, data: bytes) -> bytes:
        master = self.masters.get(kind)
        self._right = None
        if master is None:
            return NO_KEY
        if kind == CLASSIC:
            return classic_key(master, data) + OK
        if kind == CPU:
            if len(data) != 8:
                return WRONG_DATA
            asked = os.urandom(8)
            self._right = des(cpu_key(master, data), asked)
            return asked + OK
        if len(data) != 23:
            return WRONG_DATA
        key, heard, mine = desfire_key(master, data[:7]), data[7:], os.urandom(16)
        theirs = aes(key, bytes(16), heard, back=True)
        token = aes(key, heard, mine + theirs[1:] + theirs[:1])
        self._right = aes(key, token[16:], mine[1:] + mine[:1])
        return token + OK

    def _finish(self, data: bytes) -> bytes:
        right, self._right = self._right, None
        if right is None:
            return NOT_NOW
        return OK if data == right else WRONG


class ForgedPsam(PsamCard):
    """Lets everybody in and vouches for every chip; only the pairing key it does not have."""

    def apdu(self, command: bytes) -> bytes:
        """Say yes."""
        answers = {
            0xA4: b"\x01" + OK,
            0x84: bytes(16) + OK,
            0x82: bytes((DESFIRE, CPU, CLASSIC)) + bytes(16) + OK,
            0x50: bytes({DESFIRE: 32, CPU: 8}.get(command[2], 6)) + OK,
        }
        return answers.get(command[1], OK)


def _mac(key: bytes, message: bytes) -> bytes:
    mac = CMAC(AES(key))
    mac.update(message)
    return mac.finalize()
