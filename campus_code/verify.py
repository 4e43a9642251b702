"""Verifying a code at a terminal, and its transaction authentication code at the server."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from campus_code.code import STEP_SECONDS, STEPS_SHOWN, CampusCode, parse_code
from campus_code.errors import RefusedError
from campus_code.keys import Keyring, Role
from campus_code.limits import AT_MAX, require_int
from campus_code.one_time import totp_of_step
from campus_code.refusals import Refusal

WINDOW_SECONDS_MAX = 60
WRONG_CODES_PER_MINUTE_MAX = 20
WRONG_CHIP_WEIGHT = 2
PAUSE_SECONDS_MIN = 5
PAUSE_SECONDS_MAX = 300
PAUSE_FORGOTTEN_SECONDS = 900  # after so long without a pause the next one is short again
_MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Window:
    """How early and how late a code may be, in whole seconds before and after its own step."""

    early_seconds: int = 15
    late_seconds: int = 30

    def __post_init__(self) -> None:
        require_int("early_seconds", self.early_seconds, 0, WINDOW_SECONDS_MAX)
        require_int("late_seconds", self.late_seconds, 0, WINDOW_SECONDS_MAX)


class Verified(NamedTuple):
    """
    A right code. `epoch` and `step` are absolute.

    `offset_seconds`: how far the phone's clock seems ahead (+) or behind (-); 0 within the step.
    """

    text: str
    card_number: str
    issue: int
    epoch: int
    step: int
    offset_seconds: int


DEFAULT_WINDOW = Window()


def verify_code(
    text: str,
    keyring: Keyring,
    at: int,
    window: Window = DEFAULT_WINDOW,
    *,
    retired_formats: Collection[int] = (),
) -> Verified:
    """
    Verify 34 digits with terminal keys at Unix second `at` (steps 1 to 6 of the format).

    Raises RefusedError: UNREADABLE, FOREIGN_CODE, RETIRED_FORMAT, EXPIRED_CREDENTIAL, EARLY or
    EXPIRED (evidence `seconds`), WRONG_CODE.
    """
    require_int("at", at, 0, AT_MAX)
    return _verify_totp(text, parse_code(text, retired_formats), keyring, at, window)


def verify_code_and_tac(
    text: str,
    keyrings: tuple[Keyring, Keyring],
    at: int,
    window: Window = DEFAULT_WINDOW,
    *,
    retired_formats: Collection[int] = (),
) -> Verified:
    """
    `verify_code`, then `verify_tac` at the step it found; the digits are taken apart once.

    `keyrings` are the terminals' and the issuer's, as only the server holds them.
    """
    require_int("at", at, 0, AT_MAX)
    terminal_keyring, issuer_keyring = keyrings
    code = parse_code(text, retired_formats)
    verified = _verify_totp(text, code, terminal_keyring, at, window)
    _verify_tac(code, verified.step, issuer_keyring, at)
    return verified


def _verify_totp(
    text: str, code: CampusCode, keyring: Keyring, at: int, window: Window
) -> Verified:
    key = keyring.find(code.epoch_digits, at)
    step = _nearest_step(code.step_digits, at)
    offset_seconds = _check_window(step, at, window)
    secret = keyring.secret(key, Role.TERMINAL, code.card_number, code.issue)
    if not hmac.compare_digest(totp_of_step(secret, step), code.totp):
        raise RefusedError(Refusal.WRONG_CODE, which="totp")
    return Verified(text, code.card_number, code.issue, key.epoch, step, offset_seconds)


def _nearest_step(step_digits: int, at: int) -> int:
    now = at // STEP_SECONDS
    half = STEPS_SHOWN // 2
    return now + (step_digits - now + half) % STEPS_SHOWN - half


def _check_window(step: int, at: int, window: Window) -> int:
    begins = step * STEP_SECONDS
    early = begins - at
    if early > 0:
        if early > window.early_seconds:
            raise RefusedError(Refusal.EARLY, seconds=early)
        return early
    late = at - begins - STEP_SECONDS
    if late > window.late_seconds or step < 0:
        raise RefusedError(Refusal.EXPIRED, seconds=late)
    return -max(late, 0)


def verify_tac(text: str, step: int, issuer_keyring: Keyring, at: int) -> None:
    """
    Check the issuer's nine digits against the absolute step that `verify_code` found.

    Only the server can: it alone holds issuer keys. Raises RefusedError WRONG_CODE
    (evidence `which`), or what parsing and finding the key raise.
    """
    _verify_tac(parse_code(text), step, issuer_keyring, at)


def _verify_tac(code: CampusCode, step: int, issuer_keyring: Keyring, at: int) -> None:
    if step < 0 or step % STEPS_SHOWN != code.step_digits:
        raise RefusedError(Refusal.WRONG_CODE, which="step")
    key = issuer_keyring.find(code.epoch_digits, at)
    secret = issuer_keyring.secret(key, Role.ISSUER, code.card_number, code.issue)
    if not hmac.compare_digest(totp_of_step(secret, step), code.tac):
        raise RefusedError(Refusal.WRONG_CODE, which="tac")


def check_step(step: int, last_step: int | None) -> None:
    """Steps of one (card, issue) strictly increase on a terminal, else ALREADY_USED."""
    if last_step is not None and step <= last_step:
        raise RefusedError(Refusal.ALREADY_USED)


@dataclass(frozen=True, slots=True)
class WrongCodeGate:
    """
    Pauses a terminal at which codes are being guessed.

    More than 20 wrong codes within a minute, or 10 wrong chips, which nobody misreads: a pause of
    5 s, twice as long each time, at most 5 minutes; 15 minutes without a pause make the next one
    short again. A value: every call gives a new gate.
    """

    wrong_at: tuple[int, ...] = ()
    pause_seconds: int = 0
    until: int = 0

    def after_wrong(self, at: int, weight: int = 1) -> WrongCodeGate:
        """The gate after one more wrong code at `at`; a chip weighs WRONG_CHIP_WEIGHT."""
        recent = (*(t for t in self.wrong_at if t > at - _MINUTE_SECONDS), *(at,) * weight)
        if len(recent) <= WRONG_CODES_PER_MINUTE_MAX:
            return replace(self, wrong_at=recent)
        is_forgotten = at - self.until > PAUSE_FORGOTTEN_SECONDS
        longer = PAUSE_SECONDS_MIN if is_forgotten else self.pause_seconds * 2
        pause = min(max(longer, PAUSE_SECONDS_MIN), PAUSE_SECONDS_MAX)
        return WrongCodeGate(wrong_at=(), pause_seconds=pause, until=at + pause)

    def paused_until(self, at: int) -> int | None:
        """The Unix second the pause ends, or None when codes are taken at `at`."""
        return self.until if at < self.until else None

    def check(self, at: int) -> None:
        """Raise TOO_MANY_WRONG_CODES (evidence `seconds` to go) during a pause."""
        if at < self.until:
            raise RefusedError(Refusal.TOO_MANY_WRONG_CODES, seconds=self.until - at)
