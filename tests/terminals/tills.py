"""Records for journal tests."""

from __future__ import annotations

from dataclasses import replace

from campus_code import RecordKind, TerminalRecord
from tests.terminals.campus import NOON, Campus, card

CAMPUS = Campus()


def payment(sequence: int, *, number: int | None = None, step_ahead: int = 0) -> TerminalRecord:
    """An offline payment of the n-th card (n = sequence unless told)."""
    n = sequence if number is None else number
    at = NOON + 15 * step_ahead
    return TerminalRecord(
        sequence=sequence,
        kind=RecordKind.PAYMENT,
        credential=CAMPUS.code(n, at),
        step=at // 15,
        epoch=7,
        card_number=card(n),
        issue=1,
        occurred_at=at,
        group_id="fixed",
        class_id=1,
        asked_fen=None,
        nominal_fen=1250,
        discount_fen=0,
        fee_fen=0,
        charged_fen=1250,
        period_id="day",
        business_on=20260101,
        was_online=False,
        has_pin=False,
        reverses=0,
        sync_age_seconds=0,
        rules_version=1,
        denylist_version=0,
        directory_version=1,
    )


def reversal(sequence: int, reverses: int) -> TerminalRecord:
    """The reversal of an earlier sequence, or of its own."""
    return replace(
        payment(sequence),
        kind=RecordKind.REVERSAL,
        credential="",
        step=0,
        epoch=0,
        nominal_fen=0,
        charged_fen=0,
        reverses=reverses,
    )
