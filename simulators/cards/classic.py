"""Mifare Classic 1K as a PC/SC reader shows it; with a backdoor nobody can lock."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulators.cards.ciphers import classic_key

OK = b"\x90\x00"
TRANSPORT = b"\xff" * 6


@dataclass
class Classic:
    """A chip; `keys` are A and B of sector 1, `blocks` what stands in it."""

    uid: bytes = bytes.fromhex("DEADBEEF")
    keys: tuple[bytes, bytes] = (TRANSPORT, TRANSPORT)
    blocks: dict[int, bytes] = field(default_factory=dict)
    atr: bytes = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")

    def __post_init__(self) -> None:
        self.reset()

    @classmethod
    def written(cls, master: bytes, uid: bytes = bytes.fromhex("DEADBEEF")) -> Classic:
        """A chip of this school."""
        key = classic_key(master, uid)
        return cls(uid, (key, key))

    def clone(self) -> Classic:
        """What a thief makes of it in some minutes: a magic card with uid, keys and blocks."""
        return Classic(self.uid, self.keys, dict(self.blocks))

    def reset(self) -> None:
        """Lose power: the reader forgets its key, the chip who was there."""
        self._loaded = b""
        self._is_open = False

    def apdu(self, command: bytes) -> bytes:
        """Answer one pseudo-command of the reader."""
        if command[0] != 0xFF:
            return b"\x6e\x00"
        match command[1]:
            case 0xCA:
                return self.uid + OK
            case 0x82:
                self._loaded = command[5:11]
                return OK
            case 0x86:
                key = self.keys[command[8] - 0x60]
                self._is_open = command[7] // 4 == 1 and self._loaded == key
                return OK if self._is_open else b"\x63\x00"
            case 0xD6 if self._is_open and command[3] == 7:
                self.keys = command[5:11], command[15:21]
                return OK
            case 0xB0 if self._is_open:
                return self.blocks.get(command[3], bytes(16)) + OK
        return b"\x69\x82"
