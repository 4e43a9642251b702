"""Verify what was shown at a terminal, with both keys: the terminal's and the issuer's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from backend.tables.card import CardRow
from backend.usecases.key_board import KeyBoard
from campus_code import (
    CredentialKind,
    Refusal,
    RefusedError,
    RulesBundle,
    parse_emergency,
    verify_code,
    verify_emergency,
    verify_tac,
)


@dataclass(frozen=True, slots=True)
class Presented:
    """A verified credential. `step` is absolute; an emergency code has its day, YYYYMMDD."""

    card_number: str
    issue: int
    step: int


async def verify_tap(
    credential: str, kind: CredentialKind, keys: KeyBoard, rules: RulesBundle, at: int
) -> Presented:
    """Verify a code or an emergency code at Unix second `at`.

    Raises:
        RefusedError: as `campus_code.verify_code`, `verify_tac` and `verify_emergency` say.

    """
    if kind is CredentialKind.CODE:
        verified = verify_code(
            credential, keys.terminal, at, rules.window, retired_formats=rules.retired_formats
        )
        verify_tac(credential, verified.step, keys.issuer, at)
        return Presented(verified.card_number, verified.issue, verified.step)
    if kind is CredentialKind.EMERGENCY:
        return await _verify_emergency(credential, keys, rules, at)
    raise RefusedError(Refusal.UNREADABLE)


async def _verify_emergency(
    credential: str, keys: KeyBoard, rules: RulesBundle, at: int
) -> Presented:
    shown = parse_emergency(credential)
    card = await CardRow.get_or_none(number=shown.card_number)
    if card is None:
        raise RefusedError(Refusal.UNKNOWN_CARD)
    on = local_date(at, rules)
    verify_emergency(credential, card.issue, keys.terminal, at, on)
    return Presented(card.number, card.issue, on.year * 10_000 + on.month * 100 + on.day)


def local_date(at: int, rules: RulesBundle) -> date:
    """The school's calendar date at Unix second `at`."""
    return (datetime.fromtimestamp(at, UTC) + timedelta(seconds=rules.utc_offset_seconds)).date()
