"""Making a tap into the record that is journaled and uploaded. Pure."""

from __future__ import annotations

from typing import NamedTuple

from campus_code import Approved, RecordKind, TerminalRecord
from qr_terminals.answers import Answer
from qr_terminals.holdings import Held
from qr_terminals.judge import Presented


class Basis(NamedTuple):
    """What a verdict rested on: the next sequence, the group, the versions, the sync's age."""

    sequence: int
    group_id: str
    held: Held
    sync_age_seconds: int


def payment_record(
    presented: Presented, amounts: Approved | Answer, basis: Basis
) -> TerminalRecord:
    """The record of an approval; ShapeError when the server's amounts are out of bounds."""
    was_online = isinstance(amounts, Answer)
    class_id = presented.entry.class_id if presented.entry is not None else 0
    return TerminalRecord(
        sequence=basis.sequence,
        kind=RecordKind.PAYMENT,
        credential=presented.text,
        step=presented.step,
        epoch=presented.epoch,
        card_number=presented.card_number,
        issue=presented.issue,
        occurred_at=presented.at,
        group_id=basis.group_id,
        class_id=amounts.class_id if isinstance(amounts, Answer) else class_id,
        asked_fen=presented.asked_fen,
        nominal_fen=amounts.nominal_fen,
        discount_fen=amounts.discount_fen,
        fee_fen=amounts.fee_fen,
        charged_fen=amounts.charged_fen,
        period_id=amounts.period_id,
        business_on=amounts.business_on,
        was_online=was_online,
        has_pin=presented.pin is not None and was_online,
        reverses=0,
        sync_age_seconds=basis.sync_age_seconds,
        rules_version=basis.held.rules_version,
        denylist_version=basis.held.denylist.version,
        directory_version=basis.held.directory.version,
    )


def reversal_record(
    card_number: str, issue: int, reverses: int, at: int, basis: Basis
) -> TerminalRecord:
    """
    The record that undoes: an earlier payment, or an attempt of this very sequence whose outcome
    the terminal does not know or did not take.
    """
    return TerminalRecord(
        sequence=basis.sequence,
        kind=RecordKind.REVERSAL,
        credential="",
        step=0,
        epoch=0,
        card_number=card_number,
        issue=issue,
        occurred_at=at,
        group_id=basis.group_id,
        class_id=0,
        asked_fen=None,
        nominal_fen=0,
        discount_fen=0,
        fee_fen=0,
        charged_fen=0,
        period_id="",
        business_on=0,
        was_online=False,
        has_pin=False,
        reverses=reverses,
        sync_age_seconds=basis.sync_age_seconds,
        rules_version=basis.held.rules_version,
        denylist_version=basis.held.denylist.version,
        directory_version=basis.held.directory.version,
    )
