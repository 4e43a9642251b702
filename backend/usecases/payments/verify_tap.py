"""Verify the credential of one online tap."""

from __future__ import annotations

from backend.domain.chip import card_of_chip
from backend.domain.credential import Presented, Verifier
from backend.tables.card import CardRow
from backend.tables.chips import bindings_of
from campus_code import (
    CredentialKind,
    Refusal,
    RefusedError,
    ShapeError,
    chip_from_text,
    parse_emergency,
)


async def verify_tap(
    verifier: Verifier, credential: str, kind: CredentialKind, at: int
) -> Presented:
    """Verify a code, an emergency code or a chip at Unix second `at`.

    That the chip is genuine is the terminal's word: it asked the chip, nobody can ask again.

    Raises:
        RefusedError: as `Verifier.verify` says, UNREADABLE for what is no emergency code or chip,
            UNKNOWN_CARD and REPLACED_CREDENTIAL for a chip that is nobody's.

    """
    if kind is CredentialKind.CARD:
        try:
            chip = chip_from_text(credential)
        except ShapeError as error:
            raise RefusedError(Refusal.UNREADABLE) from error
        bindings = await bindings_of([chip])
        return Presented(card_of_chip(bindings.get(chip, ()), at), 0, 0, chip.kind)
    issue = None
    if kind is CredentialKind.EMERGENCY:
        card = await CardRow.get_or_none(number=parse_emergency(credential).card_number)
        issue = card.issue if card else None
    return verifier.verify(credential, kind, issue, at)
