"""The payment PIN: how it is kept, and how many wrong ones lock it."""

from __future__ import annotations

from typing import Final

from backend.domain.errors import TooManyRequestsError

PIN_FAILURES_MAX: Final = 5
"""Wrong PINs in a row before the holder's cards freeze; only the office sets a new PIN."""
PIN_RETRY_SECONDS: Final = 24 * 3600
"""Said to machines that ask when to come back; nothing opens by itself."""


class PinLockedError(TooManyRequestsError):
    """Too many wrong PINs: the cards are frozen, and even the right PIN is not looked at."""

    def __init__(self) -> None:
        super().__init__(PIN_RETRY_SECONDS)
        self.word = "pin_locked"
        self.zh = "密码错误次数过多，卡片已锁定，请到卡务中心处理"
        self.en = "Too many wrong PINs; the card is locked, please go to the card office"
        self.evidence = {"failures_max": PIN_FAILURES_MAX}


def pin_context(holder_id: int) -> str:
    """Under which context a PIN's hash is sealed: six digits alone are soon guessed from a hash."""
    return f"pin/{holder_id}"
