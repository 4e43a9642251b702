"""Turn an uploaded set of terminal records into attempts, each with its credential checked."""

from __future__ import annotations

import asyncio

from backend.domain.chip import BoundChip, card_of_chip
from backend.domain.credential import Presented, Verifier
from backend.domain.payment import Amounts, Attempt, AttemptKind
from backend.tables.card import CardRow
from backend.tables.chips import bindings_of
from campus_code import (
    Chip,
    CredentialKind,
    RecordKind,
    RecordSet,
    Refusal,
    RefusedError,
    TerminalRecord,
    chain_hash,
    chip_from_text,
)
from campus_code.chips import CHIP_MARK
from campus_code.emergency import EMERGENCY_CREDENTIAL_DIGITS

READ_AT_ONCE = 25
"""Records read before others get their turn; some 5 ms."""


async def read_records(records: RecordSet, verifier: Verifier) -> list[Attempt]:
    """Give one attempt per record, in order, with the hash of the chain before each.

    A credential that does not verify at the record's own time becomes the attempt's `fault`: what
    was handed out is posted all the same, only not to the cardholder.
    """
    issues = await _issues(records)
    bindings = await _bindings(records)
    attempts = []
    previous_hash = records.previous_hash
    for record, body in zip(records.records, records.bodies, strict=True):
        if record.kind is RecordKind.REVERSAL:
            attempt = _reversal(records.terminal_id, record, body, previous_hash)
        else:
            attempt = _payment(records.terminal_id, record, body, previous_hash)
            if attempt.credential is CredentialKind.CARD:
                attempt = _of_chip(attempt, record, bindings)
            else:
                fault = _fault(record, attempt.credential, verifier, issues.get(record.card_number))
                attempt = attempt._replace(fault=fault)
        attempts.append(attempt)
        previous_hash = chain_hash(previous_hash, body)
        if len(attempts) % READ_AT_ONCE == 0:
            await asyncio.sleep(0)  # whoever pays online goes first
    return attempts


async def _issues(records: RecordSet) -> dict[str, int]:
    """The current issues of the cards that paid by emergency code; such a code does not say."""
    numbers = {
        record.card_number
        for record in records.records
        if record.kind is RecordKind.PAYMENT and _kind(record) is CredentialKind.EMERGENCY
    }
    if not numbers:
        return {}
    return {row.number: row.issue for row in await CardRow.filter(number__in=numbers)}


async def _bindings(records: RecordSet) -> dict[Chip, list[BoundChip]]:
    """Whose the chips are and were that paid."""
    texts = {one.credential for one in records.records if CHIP_MARK in one.credential}
    return await bindings_of({chip_from_text(text) for text in texts}) if texts else {}


def _of_chip(
    attempt: Attempt, record: TerminalRecord, bindings: dict[Chip, list[BoundChip]]
) -> Attempt:
    """A chip's record: the terminal says which card it belonged to, the school's list is asked."""
    chip = chip_from_text(record.credential)
    try:
        number = card_of_chip(bindings.get(chip, ()), record.occurred_at)
    except RefusedError as error:
        return attempt._replace(chip=chip.kind, fault=error.refusal)
    fault = None if number == record.card_number else Refusal.WRONG_CHIP
    return attempt._replace(chip=chip.kind, fault=fault)


def _kind(record: TerminalRecord) -> CredentialKind:
    if CHIP_MARK in record.credential:
        return CredentialKind.CARD
    is_emergency = len(record.credential) == EMERGENCY_CREDENTIAL_DIGITS
    return CredentialKind.EMERGENCY if is_emergency else CredentialKind.CODE


def _fault(
    record: TerminalRecord, kind: CredentialKind, verifier: Verifier, issue: int | None
) -> Refusal | None:
    """What is wrong with the credential, judged at the record's time, or None."""
    try:
        shown = verifier.verify(record.credential, kind, issue, record.occurred_at)
    except RefusedError as error:
        return error.refusal
    said = Presented(record.card_number, record.issue, record.step)
    return None if shown == said else Refusal.WRONG_CODE


def _reversal(
    terminal_id: int, record: TerminalRecord, body: bytes, previous_hash: bytes
) -> Attempt:
    return Attempt(
        kind=AttemptKind.REVERSAL,
        terminal_id=terminal_id,
        sequence=record.sequence,
        at=record.occurred_at,
        reverses=record.reverses,
        body=body,
        previous_hash=previous_hash,
    )


def _payment(
    terminal_id: int,
    record: TerminalRecord,
    body: bytes,
    previous_hash: bytes,
) -> Attempt:
    return Attempt(
        kind=AttemptKind.RECORD,
        terminal_id=terminal_id,
        sequence=record.sequence,
        at=record.occurred_at,
        card_number=record.card_number,
        credential=_kind(record),
        issue=record.issue,
        step=record.step,
        asked_fen=record.asked_fen,
        has_pin=record.has_pin,
        amounts=Amounts(
            record.nominal_fen, record.discount_fen, record.fee_fen, record.charged_fen
        ),
        class_id=record.class_id,
        period_id=record.period_id,
        business_on=record.business_on,
        was_offline=not record.was_online,
        body=body,
        previous_hash=previous_hash,
    )
