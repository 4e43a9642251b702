"""The 34 digits: taking them apart and putting them together. No keys here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from campus_code.damm import is_damm
from campus_code.errors import RefusedError
from campus_code.refusals import Refusal

STEP_SECONDS: Final = 15
STEPS_SHOWN: Final = 1000  # three digits of the step are in the code
EPOCHS_SHOWN: Final = 100  # two digits of the epoch
CODE_DIGITS: Final = 34
ONE_TIME_DIGITS: Final = 9
FORMAT: Final = 9

WECHAT_PAY_DIGITS: Final = 18
ALIPAY_DIGITS_MIN: Final = 16
ALIPAY_DIGITS_MAX: Final = 24
UNIONPAY_DIGITS_MIN: Final = 19
UNIONPAY_DIGITS_MAX: Final = 24
_WECHAT_PAY_HEADS = frozenset(("10", "11", "12", "13", "14", "15"))
_ALIPAY_HEADS = frozenset(("25", "26", "27", "28", "29", "30"))
_UNIONPAY_HEAD = "62"
_GROUP_DIGITS = 2


class CampusCode(NamedTuple):
    """One code taken apart. `epoch_digits` 0..99, `issue` 0..99, `step_digits` 0..999."""

    epoch_digits: int
    card_number: str
    issue: int
    step_digits: int
    totp: str
    tac: str

    @property
    def text(self) -> str:
        """The 34 digits."""
        return (
            f"{FORMAT}{self.epoch_digits:02d}{self.card_number}{self.issue:02d}"
            f"{self.step_digits:03d}{self.totp}{self.tac}"
        )

    @property
    def grouped(self) -> str:
        """The 34 digits in pairs, as printed under the picture: "90 72 02 …"."""
        text = self.text
        return " ".join(text[i : i + _GROUP_DIGITS] for i in range(0, CODE_DIGITS, _GROUP_DIGITS))


def step_at(at: int) -> int:
    """The absolute step that holds Unix second `at`."""
    return at // STEP_SECONDS


def parse_code(text: str, retired_formats: Collection[int] = ()) -> CampusCode:
    """
    Take 34 digits apart (steps 1 to 3 of verifying; no key is looked at).

    Raises RefusedError: UNREADABLE, FOREIGN_CODE (evidence `wallet`: wechat_pay, alipay, unionpay
    or unknown) or RETIRED_FORMAT (evidence `format`).
    """
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(Refusal.UNREADABLE)
    if len(text) != CODE_DIGITS:
        wallet = wallet_of(text)
        if wallet is not None:
            raise RefusedError(Refusal.FOREIGN_CODE, wallet=wallet)
        raise RefusedError(Refusal.UNREADABLE)
    form = int(text[0])
    if form in retired_formats:
        raise RefusedError(Refusal.RETIRED_FORMAT, format=form)
    if form != FORMAT:
        raise RefusedError(Refusal.FOREIGN_CODE, wallet="unknown", format=form)
    card_number = text[3:11]
    if not is_damm(card_number):
        raise RefusedError(Refusal.UNREADABLE)
    return CampusCode(
        int(text[1:3]), card_number, int(text[11:13]), int(text[13:16]), text[16:25], text[25:34]
    )


def wallet_of(digits: str) -> str | None:
    """Which payment wallet shows codes of this length and beginning, or None."""
    head, length = digits[:2], len(digits)
    if length == WECHAT_PAY_DIGITS and head in _WECHAT_PAY_HEADS:
        return "wechat_pay"
    if ALIPAY_DIGITS_MIN <= length <= ALIPAY_DIGITS_MAX and head in _ALIPAY_HEADS:
        return "alipay"
    if UNIONPAY_DIGITS_MIN <= length <= UNIONPAY_DIGITS_MAX and head == _UNIONPAY_HEAD:
        return "unionpay"
    return None
