"""What is true of every terminal, and how one is told that it may not.

The errors are made anew each time: a shared one would keep every traceback it was raised with.
"""

from __future__ import annotations

from backend.domain.errors import ForbiddenError, NotFoundError, UnauthenticatedError

TERMINAL_ID_MAX = 2**31 - 1


def revoked() -> ForbiddenError:
    """The terminal is out for good; it locks itself when it reads this word."""
    return ForbiddenError("terminal_revoked", zh="终端已停用。", en="The terminal is revoked.")


def no_session() -> UnauthenticatedError:
    """The terminal opens another session and asks again."""
    return UnauthenticatedError(
        "no_session", zh="终端会话已失效，请重新建立。", en="The session has ended; open a new one."
    )


def wrong_signature() -> UnauthenticatedError:
    """An unknown terminal is told the same, so that nobody can count ours."""
    return UnauthenticatedError(
        "wrong_signature", zh="终端签名不对。", en="The terminal's signature is wrong."
    )


def unknown_terminal() -> NotFoundError:
    """An office named a terminal that is not there."""
    return NotFoundError("unknown_terminal", zh="没有这台终端。", en="There is no such terminal.")


def session_context(terminal_id: int) -> str:
    """Under which context a session key is sealed at rest."""
    return f"terminal-session/{terminal_id}"
