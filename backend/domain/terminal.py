"""What is true of every terminal, and how one is told that it may not."""

from __future__ import annotations

from backend.domain.errors import ForbiddenError, NotFoundError, UnauthenticatedError

TERMINAL_ID_MAX = 2**31 - 1

REVOKED = ForbiddenError("terminal_revoked", zh="终端已停用。", en="The terminal is revoked.")
NO_SESSION = UnauthenticatedError(
    "no_session", zh="终端会话已失效，请重新建立。", en="The session has ended; open a new one."
)
UNKNOWN_TERMINAL = NotFoundError(
    "unknown_terminal", zh="没有这台终端。", en="There is no such terminal."
)


def session_context(terminal_id: int) -> str:
    """Under which context a session key is sealed at rest."""
    return f"terminal-session/{terminal_id}"
