"""Verifying what was shown at a terminal, with both keys: the terminal's and the issuer's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from campus_code import (
    Challenge,
    ChallengeAnswer,
    ChipKind,
    CredentialKind,
    Keyring,
    Refusal,
    RefusedError,
    RulesBundle,
    verify_challenge,
    verify_code_and_tac,
    verify_emergency,
    verify_issuer_mac,
)
from campus_code.days import day_number, local_date


class Presented(NamedTuple):
    """A verified credential. `step` is absolute; an emergency code has its day, YYYYMMDD.

    `chip`: of which kind, when it was one; it has no issue and no step.
    """

    card_number: str
    issue: int
    step: int
    chip: ChipKind | None = None


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
            RefusedError: as `verify_code_and_tac` and `verify_emergency` of campus_code say.

        """
        if kind is CredentialKind.CODE:
            rules, keyrings = self.rules, (self.terminal, self.issuer)
            found = verify_code_and_tac(
                credential, keyrings, at, rules.window, retired_formats=rules.retired_formats
            )
            return Presented(found.card_number, found.issue, found.step)
        if kind is not CredentialKind.EMERGENCY:
            raise RefusedError(Refusal.UNREADABLE)
        if issue is None:
            raise RefusedError(Refusal.UNKNOWN_CARD)
        on = local_date(at, self.rules.utc_offset_seconds)
        shown = verify_emergency(credential, issue, self.terminal, at, on)
        return Presented(shown.card_number, issue, day_number(on))

    def verify_answer(self, answer: ChallengeAnswer, asked: Challenge, at: int) -> None:
        """Judge what a phone answered to a terminal's challenge, with both keys.

        Raises:
            RefusedError: as `verify_challenge` and `verify_issuer_mac` of campus_code say.

        """
        rules = self.rules
        formats = rules.retired_formats
        verify_challenge(answer, asked, self.terminal, at, rules.window, retired_formats=formats)
        verify_issuer_mac(answer, asked, self.issuer, at)
