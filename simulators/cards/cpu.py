"""A CPU card with a PBOC file system, such as FM1208: one directory, file 15, two keys."""

from __future__ import annotations

import os
from dataclasses import dataclass

from simulators.cards.ciphers import cpu_key, des

NAME = b"CAMPUS.DDF01"
OK = b"\x90\x00"
TRANSPORT = b"\xff" * 16


@dataclass
class CpuCard:
    """A card; `key` is its internal key, the transport key when it is fresh."""

    serial: bytes = bytes.fromhex("2023000000123456")
    key: bytes = TRANSPORT
    atr: bytes = bytes.fromhex("3B8A80010000")

    def __post_init__(self) -> None:
        self.reset()

    @classmethod
    def written(cls, master: bytes, serial: bytes = bytes.fromhex("2023000000123456")) -> CpuCard:
        """A card of this school."""
        return cls(serial, cpu_key(master, serial))

    def reset(self) -> None:
        """Lose power: selection and what was unlocked."""
        self._is_selected = self._is_unlocked = False
        self._challenge = b""

    def apdu(self, command: bytes) -> bytes:
        """Answer one command."""
        instruction, data = command[1], command[5 : 5 + command[4]]
        if instruction == 0xA4 and command[0] == 0:
            self._is_selected = data == NAME
            return OK if self._is_selected else b"\x6a\x82"
        if not self._is_selected:
            return b"\x69\x85" if command[0] != 0xFF else b"\x6d\x00"
        if instruction == 0xB0:
            return (bytes(10) + self.serial + bytes(12))[: command[4]] + OK
        if instruction == 0x88:
            return des(self.key, data) + OK
        if instruction == 0x84:
            self._challenge = os.urandom(command[4])
            return self._challenge + OK
        return self._written_to(instruction, data)

    def _written_to(self, instruction: int, data: bytes) -> bytes:
        if instruction == 0x82:
            self._is_unlocked = data == des(TRANSPORT, self._challenge)
            return OK if self._is_unlocked else b"\x63\xc2"
        if instruction == 0xD4:
            if not self._is_unlocked or len(data) != 16:
                return b"\x69\x82"
            self.key = data
            return OK
        return b"\x6d\x00"
