from __future__ import annotations

from tortoise.exceptions import IntegrityError

from backend.domain.credential import Presented, Verifier
from backend.domain.door import DoorStanding, DoorUpload
from backend.tables.database import transaction
from backend.tables.door import DoorJournalRow
from backend.tables.door_events import take_events
from backend.tables.retrying import retried
from campus_code import CredentialKind, DoorEvent, DoorEventKind, Refusal, RefusedError
from campus_code.emergency import EMERGENCY_CREDENTIAL_DIGITS


@retried
async def take_door_events(upload: DoorUpload, verifier: Verifier, at: int) -> DoorStanding:
    """Take a door's events; how far its log is here by then. The same again changes nothing.

    Each passage's code is checked once more, with the key that no terminal has: a door whose keys
    were stolen, or a forged code, shows here.
    """
    await _require_journal(upload.terminal_id)
    faults = {
        event.sequence: fault.value
        for event in upload.events
        if event.kind is DoorEventKind.ADMITTED and (fault := _fault(event, verifier)) is not None
    }
    async with transaction():
        return await take_events(upload, faults, at)


def _fault(event: DoorEvent, verifier: Verifier) -> Refusal | None:
    """What is wrong with the code, judged at the passage's time, or None."""
    is_emergency = len(event.credential) == EMERGENCY_CREDENTIAL_DIGITS
    kind = CredentialKind.EMERGENCY if is_emergency else CredentialKind.CODE
    try:
        shown = verifier.verify(event.credential, kind, event.issue, event.at)
    except RefusedError as error:
        return error.refusal
    said = Presented(event.card_number, event.issue, event.step)
    return None if shown == said else Refusal.WRONG_CODE


async def _require_journal(terminal_id: int) -> None:
    if await DoorJournalRow.exists(terminal_id=terminal_id):
        return
    try:
        await DoorJournalRow.create(terminal_id=terminal_id)
    except IntegrityError:
        if not await DoorJournalRow.exists(terminal_id=terminal_id):
            raise  # not because another upload of this door was first
