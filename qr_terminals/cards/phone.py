"""A phone that plays a card: the code of this moment, bound to this tap by a challenge."""

from __future__ import annotations

from typing import NamedTuple

from campus_code import (
    CODE_DIGITS,
    Challenge,
    ChallengeAnswer,
    Refusal,
    RefusedError,
    challenge_command,
    get_code_command,
    read_answer,
    select_command,
)
from qr_terminals.cards import DONE, PHONE_ANSWER_SECONDS_MAX, Timed

_UNKNOWN_INSTRUCTION = b"\x6d\x00"


class Answered(NamedTuple):
    """What a phone said to a challenge; whether it is right is for the keyring to say."""

    asked: Challenge
    answer: ChallengeAnswer

    @property
    def told(self) -> dict[str, object]:
        """As the server is told of it."""
        return {
            "nonce": self.asked.nonce.hex(),
            "amount_fen": self.asked.amount_fen,
            "mac_terminal": self.answer.mac_terminal.hex(),
            "mac_issuer": self.answer.mac_issuer.hex(),
        }


def ask_phone(
    timed: Timed, asked: Challenge, *, accepts_plain_codes: bool
) -> Answered | str | None:
    """
    A phone's answer; its plain code where it is too old for a challenge and the school takes that;
    None when this is no phone of ours.

    RefusedError: CARD_REMOVED, UNREADABLE, or WRONG_CHIP when the answer came late.
    """
    _, status = timed.ask(select_command(), PHONE_ANSWER_SECONDS_MAX)
    if status != DONE:
        return None
    data, status = timed.ask(challenge_command(asked), PHONE_ANSWER_SECONDS_MAX)
    if status == DONE:
        return Answered(asked, read_answer(data))
    if status != _UNKNOWN_INSTRUCTION or not accepts_plain_codes:
        raise RefusedError(Refusal.UNREADABLE)
    data, status = timed.ask(get_code_command(), PHONE_ANSWER_SECONDS_MAX)
    is_code = len(data) == CODE_DIGITS and data.isdigit()
    if status != DONE or not is_code:
        raise RefusedError(Refusal.UNREADABLE)
    return data.decode("ascii")
