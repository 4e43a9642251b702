"""Verify the credential of one online tap."""

from __future__ import annotations

from backend.domain.credential import Presented, Verifier
from backend.tables.card import CardRow
from campus_code import CredentialKind, parse_emergency


async def verify_tap(
    verifier: Verifier, credential: str, kind: CredentialKind, at: int
) -> Presented:
    """Verify a code or an emergency code at Unix second `at`.

    Raises:
        RefusedError: as `Verifier.verify` says, and UNREADABLE for what is no emergency code.

    """
    issue = None
    if kind is CredentialKind.EMERGENCY:
        card = await CardRow.get_or_none(number=parse_emergency(credential).card_number)
        issue = card.issue if card else None
    return verifier.verify(credential, kind, issue, at)
