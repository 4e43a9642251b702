"""A phone in host card emulation: campus_code's own PhoneCard with a clock and an ATR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from campus_code import PhoneCard, PhoneSecrets


@dataclass
class Phone:
    """A phone with secrets; `is_old`: its mini-program knows no challenge yet."""

    secrets: PhoneSecrets | None
    clock: Callable[[], float]
    is_old: bool = False
    atr: bytes = bytes.fromhex("3B80800101")

    def __post_init__(self) -> None:
        self._card = PhoneCard(self.secrets)

    def reset(self) -> None:
        """Leave the field."""
        self._card.leave()

    def apdu(self, command: bytes) -> bytes:
        """Answer as the mini-program does."""
        if self.is_old and command[:2] == b"\x80\xcc":
            return b"\x6d\x00"
        return self._card.answer(command, int(self.clock()))
