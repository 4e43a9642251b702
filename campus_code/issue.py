"""Making a code, as the phone does it."""

from __future__ import annotations

from campus_code.code import EPOCHS_SHOWN, STEPS_SHOWN, CampusCode, step_at
from campus_code.errors import RefusedError
from campus_code.keys import PhoneSecrets
from campus_code.limits import AT_MAX, require_int
from campus_code.one_time import totp_of_step
from campus_code.refusals import Refusal


def issue_code(secrets: PhoneSecrets, at: int) -> str:
    """The 34 digits to show at Unix second `at`; EXPIRED_CREDENTIAL outside the secrets' epoch."""
    require_int("at", at, 0, AT_MAX)
    if not secrets.valid_from <= at < secrets.valid_until:
        raise RefusedError(Refusal.EXPIRED_CREDENTIAL, epoch=secrets.epoch % EPOCHS_SHOWN)
    step = step_at(at)
    return CampusCode(
        epoch_digits=secrets.epoch % EPOCHS_SHOWN,
        card_number=secrets.card_number,
        issue=secrets.issue,
        step_digits=step % STEPS_SHOWN,
        totp=totp_of_step(secrets.terminal_secret, step),
        tac=totp_of_step(secrets.issuer_secret, step),
    ).text
