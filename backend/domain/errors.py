"""What can go wrong, in our own words. No HTTP in here: `api/errors.py` alone knows statuses.

XiaomaError
├── InvalidInputError      what was sent cannot be read: names the field and why
├── UnauthenticatedError   nobody we know is asking
├── ForbiddenError         we know who asks, and the answer is no
├── NotFoundError          there is no such thing
├── ConflictError          it contradicts what already stands
├── TooManyRequestsError   later: `retry_after_seconds`
│   └── UploadsWaitError   of a terminal's records, while others pay
└── UnavailableError       we cannot answer now, and it is not the asker's fault
"""

from __future__ import annotations


class XiaomaError(Exception):
    """Something a caller can be told: a snake_case word, a sentence in both languages, evidence.

    `evidence` holds plain values for the one who has to act on it: never a secret, never a
    whole row.
    """

    def __init__(self, word: str, *, zh: str, en: str, **evidence: object) -> None:
        super().__init__(word, en)
        self.word = word
        self.zh = zh
        self.en = en
        self.evidence: dict[str, object] = evidence

    def __str__(self) -> str:
        return f"{self.word}: {self.en}"


class InvalidInputError(XiaomaError):
    """What was sent cannot be read. `why` is one English phrase, without the value itself."""

    def __init__(self, field: str, why: str, *, zh: str = "") -> None:
        super().__init__(
            "invalid_input",
            zh=zh or f"“{field}”不合要求：{why}",
            en=f"{field}: {why}",
            field=field,
            why=why,
        )


class UnauthenticatedError(XiaomaError):
    """Nobody we know is asking: no session, an ended one, or a wrong proof."""


class ForbiddenError(XiaomaError):
    """We know who asks, and the answer is no."""


class NotFoundError(XiaomaError):
    """There is no such thing, e.g. NotFoundError("unknown_card", zh=…, en=…, number=…)."""


class ConflictError(XiaomaError):
    """It contradicts what already stands: used twice, changed meanwhile, still holds money."""


class TooManyRequestsError(XiaomaError):
    """Too often; worth trying again after `retry_after_seconds`. `is_first`: since they began."""

    def __init__(self, retry_after_seconds: int, *, is_first: bool = False) -> None:
        super().__init__(
            "too_many_requests",
            zh=f"尝试过于频繁，请 {retry_after_seconds} 秒后再试。",
            en=f"Too many attempts; try again in {retry_after_seconds} s.",
            seconds=retry_after_seconds,
        )
        self.retry_after_seconds = retry_after_seconds
        self.is_first = is_first


class UploadsWaitError(TooManyRequestsError):
    """Other terminals' records are being posted beside payments; nothing of this set was."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.word = "uploads_wait"
        self.zh = f"正在接收其他终端的流水，请 {retry_after_seconds} 秒后再传。"
        self.en = (
            f"Other terminals' records are coming in; send these again in {retry_after_seconds} s."
        )


class UnavailableError(XiaomaError):
    """We cannot answer now: no rules published, no key epoch open, a store is down."""
