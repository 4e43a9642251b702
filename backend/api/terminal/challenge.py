"""What a phone answered by NFC, as terminals tell it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from backend.api.reading import Shape
from campus_code import Challenge, ChallengeAnswer
from campus_code.limits import AMOUNT_FEN_MAX

Hex8 = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class ChallengeShape(Shape):
    """What the terminal asked a phone by NFC and what it answered beside its code; hex digits."""

    nonce: Hex8
    amount_fen: Annotated[int, Field(ge=0, le=AMOUNT_FEN_MAX)]
    mac_terminal: Hex8
    mac_issuer: Hex8

    def asked(self, terminal_id: int) -> Challenge:
        """The challenge, as this terminal alone can have asked it."""
        return Challenge(bytes.fromhex(self.nonce), terminal_id, self.amount_fen)

    def answer(self, code: str) -> ChallengeAnswer:
        """The answer."""
        macs = bytes.fromhex(self.mac_terminal), bytes.fromhex(self.mac_issuer)
        return ChallengeAnswer(code, *macs)
