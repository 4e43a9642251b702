"""Verifying what was shown at a terminal, with both keys: the terminal's and the issuer's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from campus_code import (
    CredentialKind,
    Keyring,
    Refusal,
    RefusedError,
    RulesBundle,
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


@dataclass(frozen=True, slots=True)
class Verifier:
    """Keys and rules in force, ready to judge credentials."""

    terminal: Keyring
    issuer: Keyring
    rules: RulesBundle

    def verify(
        self, credential: str, kind: CredentialKind, issue: int | None, at: int
    ) -> Presented:
        """Judge one credential at Unix second `at`.

        `issue` is the card's current one, which an emergency code does not say itself; None when
        there is no such card.

        Raises:
            RefusedError: as `campus_code.verify_code`, `verify_tac` and `verify_emergency` say.

        """
        if kind is CredentialKind.CODE:
            retired = self.rules.retired_formats
            found = verify_code(
                credential, self.terminal, at, self.rules.window, retired_formats=retired
            )
            verify_tac(credential, found.step, self.issuer, at)
            return Presented(found.card_number, found.issue, found.step)
        if kind is not CredentialKind.EMERGENCY:
            raise RefusedError(Refusal.UNREADABLE)
        if issue is None:
            raise RefusedError(Refusal.UNKNOWN_CARD)
        on = local_date(at, self.rules)
        shown = verify_emergency(credential, issue, self.terminal, at, on)
        return Presented(shown.card_number, issue, on.year * 10_000 + on.month * 100 + on.day)


def local_date(at: int, rules: RulesBundle) -> date:
    """The school's calendar date at Unix second `at`."""
    return (datetime.fromtimestamp(at, UTC) + timedelta(seconds=rules.utc_offset_seconds)).date()
