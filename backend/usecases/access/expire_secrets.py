"""Forget sessions, tokens and codes that have long been over."""

from __future__ import annotations

from backend.domain.times import utc
from backend.tables.card import BindingRow
from backend.tables.guardian import GuardianCodeRow
from backend.tables.message import OutboxRow
from backend.tables.staff import SessionRow
from backend.tables.terminal import EnrolmentRow, TerminalSessionRow
from backend.tables.visit import VisitRow

KEPT_SECONDS = 30 * 86_400
"""How long they stay after their end, for whoever asks what happened."""


async def expire_secrets(at: float) -> dict[str, int]:
    """Delete what ended before KEPT_SECONDS and answer how many of each kind.

    They count for nothing from the second they expire; this is housekeeping. Used enrolment
    tokens and binding codes stay: they say who was let in by whom.
    """
    before = utc(at - KEPT_SECONDS)
    return {
        "sessions": await SessionRow.filter(expires_at__lt=before).delete(),
        "terminal_sessions": await TerminalSessionRow.filter(expires_at__lt=before).delete(),
        "enrolments": await EnrolmentRow.filter(expires_at__lt=before, used_at=None).delete(),
        "guardian_codes": await GuardianCodeRow.filter(
            expires_at__lt=before, used_at=None
        ).delete(),
        "messages": await OutboxRow.filter(
            done_at__gt=0, done_at__lt=int(at) - KEPT_SECONDS
        ).delete(),
        "visits": await VisitRow.filter(expires_at__lt=int(at) - KEPT_SECONDS).delete(),
        "bindings": await BindingRow.filter(expires_at__lt=before, used_at=None).delete(),
    }
