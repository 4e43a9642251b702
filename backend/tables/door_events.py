"""What doors wrote down: taken once for ever, read in pages, deleted when its time is over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tortoise.expressions import Q

from backend.domain.door import PASSAGES_KEPT_SECONDS, DoorStanding, DoorUpload
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.door import DoorConflictRow, DoorEventRow, DoorJournalRow
from backend.tables.terminal import TerminalRow
from campus_code import chain_hash


@dataclass(frozen=True, slots=True)
class PassageLine:
    """One event as people read it; `at` is Unix seconds, `holder_id` None where there is nobody."""

    id: int
    at: int
    terminal_id: int
    door: str
    zone: int
    side: str
    kind: str
    word: str
    is_passback: bool
    fault: str
    holder_id: int | None


async def take_events(upload: DoorUpload, faults: Mapping[int, str], at: int) -> DoorStanding:
    """Write down what is new, keep what contradicts, and answer how far the log is here.

    Call inside `transaction()`. `faults`: sequence → what is wrong with its code. A door is never
    held up: where events are missing before these, or the chain is another, that is noted.
    """
    journal = await DoorJournalRow.select_for_update().get(terminal_id=upload.terminal_id)
    held, chain = journal.sequence, upload.hash_before
    known = await _known(upload, held)
    holders = await _holders(upload)
    if upload.events and upload.first_sequence > held + 1:
        await _note(upload, "doors.gap", at, through=held)
    is_same = upload.first_sequence != held + 1 or chain.hex() == journal.chain
    fresh = []
    for event, body in zip(upload.events, upload.bodies, strict=True):
        chain = chain_hash(chain, body)
        digest = hashlib.sha256(body).hexdigest()
        if event.sequence > held:
            fresh.append(
                DoorEventRow(
                    terminal_id=upload.terminal_id,
                    sequence=event.sequence,
                    kind=event.kind.value,
                    word=event.word,
                    zone=event.zone,
                    side=event.side,
                    at=event.at,
                    received_at=at,
                    holder_id=holders.get(event.card_number),
                    is_passback=event.is_passback,
                    fault=faults.get(event.sequence, ""),
                    body_hash=digest,
                )
            )
        elif known.get(event.sequence, digest) != digest:
            await _keep_conflict(upload.terminal_id, event.sequence, body.decode(), at)
        if event.sequence == held:
            is_same = chain.hex() == journal.chain
    if fresh:
        if not is_same:
            await _note(upload, "doors.chain_broken", at, through=held)
        await DoorEventRow.bulk_create(fresh)
        journal.sequence, journal.chain = fresh[-1].sequence, chain.hex()
        await journal.save()
    return DoorStanding(journal.sequence, journal.chain)


async def read_events(before_id: int, lines_max: int, **of: int) -> list[PassageLine]:
    """The newest events before `before_id` (0: from the newest), `of` a holder or a terminal."""
    query = DoorEventRow.filter(**of)
    if before_id:
        query = query.filter(id__lt=before_id)
    rows = await query.order_by("-id").limit(lines_max)
    names = await _names({row.terminal_id for row in rows})
    return [
        PassageLine(
            id=row.id,
            at=row.at,
            terminal_id=row.terminal_id,
            door=names.get(row.terminal_id, ""),
            zone=row.zone,
            side=row.side,
            kind=row.kind,
            word=row.word,
            is_passback=row.is_passback,
            fault=row.fault,
            holder_id=row.holder_id,
        )
        for row in rows
    ]


async def expire_events(at: int) -> dict[str, int]:
    """Delete what is over; how many of each kind went. A door's clock set ahead keeps nothing."""
    before = at - PASSAGES_KEPT_SECONDS
    over = Q(at__lt=before) | Q(received_at__lt=before)
    return {
        "passages": await DoorEventRow.filter(over).delete(),
        "door_conflicts": await DoorConflictRow.filter(received_at__lt=before).delete(),
    }


async def _known(upload: DoorUpload, through: int) -> dict[int, str]:
    numbers = [event.sequence for event in upload.events if event.sequence <= through]
    rows = await DoorEventRow.filter(terminal_id=upload.terminal_id, sequence__in=numbers)
    return {row.sequence: row.body_hash for row in rows}


async def _holders(upload: DoorUpload) -> dict[str, int]:
    numbers = {event.card_number for event in upload.events if event.card_number}
    if not numbers:
        return {}
    cards = await CardRow.filter(number__in=sorted(numbers)).only("number", "holder_id")
    return {card.number: card.holder_id for card in cards}


async def _names(terminal_ids: Sequence[int] | set[int]) -> dict[int, str]:
    rows = await TerminalRow.filter(id__in=sorted(terminal_ids)).only("id", "name")
    return {row.id: row.name for row in rows}


async def _keep_conflict(terminal_id: int, sequence: int, body: str, at: int) -> None:
    digest = hashlib.sha256(body.encode()).hexdigest()
    known = DoorConflictRow.filter(terminal_id=terminal_id, sequence=sequence, body_hash=digest)
    if not await known.exists():
        await DoorConflictRow.create(
            terminal_id=terminal_id,
            sequence=sequence,
            body=body,
            body_hash=digest,
            received_at=at,
        )
        subject = f"terminal:{terminal_id}"
        await note(subject, "doors.conflict", subject, at, sequence=sequence)


async def _note(upload: DoorUpload, verb: str, at: int, **detail: object) -> None:
    subject = f"terminal:{upload.terminal_id}"
    await note(subject, verb, subject, at, first_sequence=upload.first_sequence, **detail)
