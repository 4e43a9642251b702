"""What a phone is given: its secrets of this epoch and the next, and the day's emergency code."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from campus_code import Keyring, PhoneSecrets, emergency_code, phone_secrets

PHONE_SESSION_SECONDS: Final = 180 * 86_400
RECENT_SECONDS: Final = 28 * 86_400
RECENT_PHONES_MAX: Final = 30
"""Issues have two digits: their circle must be longer than any epoch's secrets live."""


def secrets_for(
    terminal: Keyring, issuer: Keyring, card_number: str, issue: int, at: int
) -> tuple[PhoneSecrets, ...]:
    """The secrets of the current epoch and, once it is open, of the next: derived, no masters.

    RefusedError EXPIRED_CREDENTIAL when no epoch is open.
    """
    current = terminal.current(at)
    later = [key for key in terminal.keys if key.epoch > current.epoch]
    wanted = [current, *sorted(later, key=lambda key: key.epoch)[:1]]
    issuer_keys = {key.epoch: key for key in issuer.keys}
    return tuple(phone_secrets(key, issuer_keys[key.epoch], card_number, issue) for key in wanted)


def emergency_code_for(terminal: Keyring, card_number: str, issue: int, on: date, at: int) -> str:
    """The 16 digits a holder with a dead phone may say today: card number and emergency code."""
    return card_number + emergency_code(terminal.current(at), card_number, issue, on)


def ends_of_day(on: date, utc_offset_seconds: int) -> int:
    """The Unix second at which a local date is over."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(days=1)
    return int(midnight.timestamp()) - utc_offset_seconds
