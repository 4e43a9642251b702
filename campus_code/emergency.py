"""The emergency code for a dead phone: card number and 8 digits, one a day."""

from __future__ import annotations

import datetime as dt
import hmac
from dataclasses import dataclass
from typing import Final

from campus_code.code import EPOCHS_SHOWN, wallet_of
from campus_code.damm import is_damm
from campus_code.days import day_number
from campus_code.errors import RefusedError
from campus_code.keys import EpochKey, Keyring, Role, derive_secret
from campus_code.limits import AT_MAX, ISSUE_MAX, require_card_number, require_int
from campus_code.one_time import hotp_of_counter
from campus_code.refusals import Refusal

EMERGENCY_CREDENTIAL_DIGITS: Final = 16
# No local day is longer than this, wherever the school is, so a key that was valid at no moment
# within it of the tap was not current on that day.
DAY_REACH_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class EmergencyCredential:
    """The 16 digits taken apart; nothing is verified yet but the card number's own digit."""

    card_number: str
    code: str


@dataclass(frozen=True, slots=True)
class VerifiedEmergency:
    """A right emergency code. `epoch` is absolute, `on` the local date it is for."""

    card_number: str
    issue: int
    epoch: int
    on: dt.date


def emergency_code(key: EpochKey, card_number: str, issue: int, on: dt.date) -> str:
    """The 8 digits of one card for one local date, from the terminal key of its current epoch."""
    require_card_number("card_number", card_number)
    require_int("issue", issue, 0, ISSUE_MAX)
    secret = derive_secret(key.master, Role.EMERGENCY, key.epoch % EPOCHS_SHOWN, card_number, issue)
    return hotp_of_counter(secret, day_number(on))


def parse_emergency(text: str) -> EmergencyCredential:
    """
    Take 16 digits apart, so that the caller can look up the card's current issue.

    Raises RefusedError UNREADABLE, or FOREIGN_CODE when they are a payment wallet's.
    """
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(Refusal.UNREADABLE)
    card_number = text[:8]
    # Alipay has 16-digit codes too, and ours may begin with the same digits: the Damm digit decides
    if len(text) != EMERGENCY_CREDENTIAL_DIGITS or not is_damm(card_number):
        wallet = wallet_of(text)
        if wallet is not None:
            raise RefusedError(Refusal.FOREIGN_CODE, wallet=wallet)
        raise RefusedError(Refusal.UNREADABLE)
    return EmergencyCredential(card_number, text[8:])


def verify_emergency(
    text: str, issue: int, keyring: Keyring, at: int, on: dt.date
) -> VerifiedEmergency:
    """
    Verify 16 digits for the local date `on` at Unix second `at`, with terminal keys.

    `issue` is the card's current one, from the directory. Every key held that was valid within a
    day of `at` counts, for the day may hold an epoch's boundary. Raises RefusedError: UNREADABLE,
    FOREIGN_CODE, EXPIRED_CREDENTIAL (no such key), WRONG_CODE. That a code is used once a day is
    for the caller to remember.
    """
    require_int("at", at, 0, AT_MAX)
    require_int("issue", issue, 0, ISSUE_MAX)
    shown = parse_emergency(text)
    has_key = False
    for key in keyring.keys:
        if not _was_current(key, at):
            continue
        has_key = True
        secret = keyring.secret(key, Role.EMERGENCY, shown.card_number, issue)
        if hmac.compare_digest(hotp_of_counter(secret, day_number(on)), shown.code):
            return VerifiedEmergency(shown.card_number, issue, key.epoch, on)
    if not has_key:
        raise RefusedError(Refusal.EXPIRED_CREDENTIAL)
    raise RefusedError(Refusal.WRONG_CODE, which="emergency")


def _was_current(key: EpochKey, at: int) -> bool:
    return key.valid_from <= at + DAY_REACH_SECONDS and at - DAY_REACH_SECONDS < key.valid_until
