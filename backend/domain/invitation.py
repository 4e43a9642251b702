"""An invitation: somebody without an account of ours pays once into one holder's purse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.errors import ConflictError, InvalidInputError, NotFoundError

DAYS_MAX: Final = 30
DAY_SECONDS: Final = 86_400
OPEN_MAX: Final = 8
"""Invitations a holder may have open at a time."""


class InvitationState(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    PAID = "paid"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation. Times are Unix seconds, `ended_at` 0 while nobody ended it."""

    amount_fen_max: int
    expires_at: int
    ended_at: int
    is_paid: bool

    def state(self, at: int) -> InvitationState:
        """Where it stands at a moment: what was paid stays paid when its time is over."""
        if self.is_paid:
            return InvitationState.PAID
        is_over = self.ended_at > 0 or self.expires_at <= at
        return InvitationState.ENDED if is_over else InvitationState.OPEN

    def require_open(self, at: int) -> None:
        """Raise ConflictError unless it may still be paid."""
        state = self.state(at)
        if state is InvitationState.PAID:
            raise ConflictError(
                "invitation_paid",
                zh="该邀请已经支付过了，谢谢。",
                en="This invitation has been paid already. Thank you.",
            )
        if state is InvitationState.ENDED:
            raise ConflictError(
                "invitation_ended",
                zh="该邀请已失效，请让对方重新邀请。",
                en="This invitation has ended; please ask for a new one.",
            )


def unknown_invitation() -> NotFoundError:
    """No such invitation, for whoever asks: a wrong token says no more than that."""
    return NotFoundError(
        "unknown_invitation", zh="没有这个邀请。", en="There is no such invitation."
    )


def read_days(value: int) -> int:
    """For how many days an invitation stands. Raises InvalidInputError."""
    if type(value) is not int or not 1 <= value <= DAYS_MAX:
        raise InvalidInputError("days", f"1 to {DAYS_MAX}", zh=f"有效期为 1～{DAYS_MAX} 天")
    return value


def require_few(open_count: int) -> None:
    """Raise ConflictError when a holder has OPEN_MAX invitations that stand."""
    if open_count >= OPEN_MAX:
        raise ConflictError(
            "too_many_invitations",
            zh="未结束的邀请太多，请先结束一些。",
            en="Too many invitations are open; end some of them first.",
        )


def masked(name: str) -> str:
    """A name for a stranger's eyes: the first character and a star."""
    return f"{name[:1]}*"
