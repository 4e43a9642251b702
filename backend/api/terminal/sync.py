"""The sync: a terminal says what it holds and how it is, and gets what it lacks."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Annotated, ClassVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_terminal, terminal_of
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At, Base64Text
from backend.domain.access import TerminalActor
from backend.domain.errors import InvalidInputError
from backend.domain.shift import ToldShift
from backend.domain.visit import is_hall
from backend.tables.doors import is_door
from backend.tables.versions import Versions
from backend.usecases.drills.hear_drill import hear_drill
from backend.usecases.terminals.record_heartbeat import Heartbeat, record_heartbeat
from backend.usecases.terminals.record_shifts import record_shifts
from campus_code.limits import AT_MAX, VERSION_MAX

routes = Blueprint("terminal_sync")

COUNT_MAX = 2**31 - 1
DAYS_A_SYNC_MAX = 31
REASONS_A_DAY_MAX = 64
SHIFTS_A_SYNC_MAX = 21
"""Twenty that ended, and the open one."""
FEN_MAX = 2**53 - 1

Version = Annotated[int, Field(ge=0, le=VERSION_MAX)]
Count = Annotated[int, Field(ge=0, le=COUNT_MAX)]
Fen = Annotated[int, Field(ge=0, le=FEN_MAX)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]
Text = Annotated[str, Field(max_length=64)]
Texts = Annotated[list[Text], Field(max_length=32)]
Day = Annotated[str, Field(pattern=r"^[0-9]{8}$")]


class VersionsShape(Shape):
    """What the terminal holds; 0: nothing yet. An older one names no limits, chips and doors."""

    rules: Version
    denylist: Version
    directory: Version
    keyring: Version
    limits: Version | None = None
    chips: Version | None = None
    doors: Version | None = None


class HeartbeatShape(Shape):
    """How the terminal is. `refusals`: business day → reason → count so far that day."""

    at: int = Field(ge=0, le=AT_MAX)
    journal_depth: Count
    highest_sequence: Version
    journal_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    software: str = Field(max_length=64)
    readiness: dict[Word, bool | int | Text | Texts | None] = Field(max_length=32)
    refusals: dict[Day, Annotated[dict[Word, Count], Field(max_length=REASONS_A_DAY_MAX)]] = Field(
        max_length=DAYS_A_SYNC_MAX
    )
    paused: bool | Word | None = None


class ShiftShape(Shape):
    """A cashier's shift in the terminal's words; `closed_at` null: it is open, its sums are 0.

    `cashier` is a number of staff, 0 for none. Amounts in fen; `counted_fen` null: not counted.
    """

    opened_at: int = Field(ge=1, le=AT_MAX)
    cashier: Count
    first_sequence: Version
    last_sequence: Version
    closed_at: Annotated[int, Field(ge=1, le=AT_MAX)] | None
    payments: Count
    charged_fen: Fen
    offline: Count
    voided: Count
    voided_fen: Fen
    counted_fen: Fen | None


class SyncShape(Shape):
    """The whole request. `has_psam`: its chips are proved by a card, it needs no shared keys."""

    bytes_max: ClassVar[int] = 128 * 1024

    versions: VersionsShape
    heartbeat: HeartbeatShape
    confirmed_through: Version
    has_psam: bool = False
    shifts: list[ShiftShape] = Field(default_factory=list, max_length=SHIFTS_A_SYNC_MAX)


class DocumentTold(TypedDict):
    """One signed document, byte for byte."""

    kind: int
    b64: Base64Text


class DrillOrderTold(TypedDict):
    """The drill this terminal is in: be alone for so many seconds from now."""

    id: int
    seconds: int


class SyncTold(TypedDict):
    """What the terminal lacks, in the order it is to be taken.

    `shifts_through`: of the shifts it told, those that began until then need not be told again.
    """

    server_at: At
    documents: list[DocumentTold]
    confirmed_through: int
    wake_version: int
    shifts_through: At
    drill: DrillOrderTold | None


@routes.post("/sync")
@for_terminal
@described(SyncTold, body=SyncShape)
async def create(request: Request) -> HTTPResponse:
    """200: only the documents that are newer, in the order they are to be taken."""
    parts = parts_of(request)
    shape = read_json(request, SyncShape)
    beat = _heartbeat(shape.heartbeat)
    named = shape.versions.model_dump(exclude_none=True)
    terminal = terminal_of(request)
    held, now = Versions(**named), await parts.rules.versions_at(terminal.terminal_id)
    standing = await record_heartbeat(terminal.terminal_id, beat, held, now, parts.clock())
    order = await hear_drill(terminal.terminal_id, shape.heartbeat.readiness, int(parts.clock()))
    sealing_key = X25519PublicKey.from_public_bytes(standing.sealing_key)
    # what a terminal does not know it would be sent again and again
    wanted = replace(now, **{name: 0 for name in ("limits", "chips") if name not in named})
    # a till is not told who may enter where; what is a door no more must hear that
    if "doors" not in named or not (held.doors or await is_door(terminal.terminal_id)):
        wanted = replace(wanted, doors=0)
    if is_hall(parts.rules.bundle, terminal.group_id):
        wanted = Versions()  # it decides nothing, and stands where anybody may
    has_chips = "chips" in named and not shape.has_psam
    papers = await parts.documents.papers(held, wanted, sealing_key, has_chips=has_chips)
    body: SyncTold = {
        "server_at": int(parts.clock()),
        "documents": [
            {"kind": paper.kind.value, "b64": base64.b64encode(paper.raw).decode()}
            for paper in papers
        ],
        "confirmed_through": standing.confirmed_through,
        "wake_version": now.denylist,
        "shifts_through": await _shifts(terminal, shape.shifts, standing.confirmed_through),
        "drill": None if order is None else {"id": order.drill_id, "seconds": order.seconds},
    }
    return answer(body)


async def _shifts(terminal: TerminalActor, told: list[ShiftShape], through: int) -> int:
    if not told:
        return 0
    shifts = [
        ToldShift(
            opened_at=one.opened_at,
            cashier=one.cashier,
            first_sequence=one.first_sequence,
            last_sequence=one.last_sequence,
            closed_at=one.closed_at,
            stands_fen=one.charged_fen - one.voided_fen,
            counted_fen=one.counted_fen,
        )
        for one in told
    ]
    return await record_shifts(terminal.terminal_id, terminal.merchant_id, shifts, through)


def _heartbeat(shape: HeartbeatShape) -> Heartbeat:
    if any(not 19700101 <= int(day) <= 99991231 for day in shape.refusals):
        raise InvalidInputError("heartbeat.refusals", "a day is written YYYYMMDD")
    return Heartbeat(
        at=shape.at,
        journal_depth=shape.journal_depth,
        highest_sequence=shape.highest_sequence,
        journal_hash=shape.journal_hash,
        software=shape.software,
        readiness={**shape.readiness, "paused": shape.paused},
        refusals={int(day): reasons for day, reasons in shape.refusals.items()},
    )
