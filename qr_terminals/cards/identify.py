"""Asking what lies in the field, the strongest kind first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from campus_code import Challenge, Chip, ChipKind, NfcRules, Refusal, RefusedError
from campus_code.challenge import NONCE_BYTES
from qr_terminals.cards import Card, Timed, classic, cpu, desfire
from qr_terminals.cards.phone import Answered, ask_phone
from qr_terminals.cards.safe import Safe

Proof = Answered | Chip


class Shown(NamedTuple):
    """What was presented: its text, and what proves it; None for the plain code of a phone."""

    text: str
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What a terminal asks of the next card. `business_on` (YYYYMMDD) says which kinds are taken
    today; `amount_fen` 0 where none was typed.
    """

    terminal_id: int
    amount_fen: int
    rules: NfcRules
    safe: Safe
    business_on: int

    def takes(self, kind: ChipKind) -> bool:
        """Whether this kind is taken today."""
        return self.rules.of(kind, self.business_on) is not None


def identify(
    card: Card, wanted: Wanted, randomness: Callable[[int], bytes], clock: Callable[[], float]
) -> Shown:
    """
    A phone, then DESFire, then a CPU card; Classic last, for it would say yes to anybody.

    RefusedError: CARD_REMOVED, WRONG_CHIP, UNREADABLE; CHIP_NOT_TAKEN for a kind that is not taken,
    CHIP_KEYS_AWAY for one that cannot be checked here now.
    """
    timed = Timed(card, clock)
    asked = Challenge(randomness(NONCE_BYTES), wanted.terminal_id, wanted.amount_fen)
    told = ask_phone(timed, asked, accepts_plain_codes=wanted.rules.accepts_plain_codes)
    if isinstance(told, str):
        return Shown(told, None)
    if told is not None:
        return Shown(told.answer.code, told)
    for kind, ask in ((ChipKind.DESFIRE, desfire.identify), (ChipKind.CPU, cpu.identify)):
        chip = ask(timed, wanted.safe) if wanted.takes(kind) else None
        if chip is not None:
            return Shown(str(chip), chip)
    if not wanted.takes(ChipKind.CLASSIC):
        raise RefusedError(Refusal.CHIP_NOT_TAKEN)
    chip = classic.identify(timed, wanted.safe)
    if chip is None:
        raise RefusedError(Refusal.UNREADABLE)
    return Shown(str(chip), chip)
