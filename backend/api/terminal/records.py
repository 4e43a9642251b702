"""POST /terminal/records: a signed set of journal records."""

from __future__ import annotations

from typing import NotRequired

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_terminal, terminal_of
from backend.api.described import described
from backend.api.parts import parts_of, verifier_of
from backend.api.reading import answer
from backend.domain.errors import ConflictError, ForbiddenError
from backend.domain.payment import Outcome, OutcomeWord
from backend.tables.terminal import TerminalRow
from backend.usecases.payments.read_records import read_records
from campus_code import Refusal, open_record_set

routes = Blueprint("terminal_records")


class RecordTold(TypedDict):
    """What became of one record."""

    sequence: int
    outcome: OutcomeWord
    reason: NotRequired[Refusal]
    evidence: NotRequired[dict[str, int | str]]


class RecordsTold(TypedDict):
    """Every record's outcome, and where the journal stands now."""

    outcomes: list[RecordTold]
    confirmed_through: int
    last_hash: str


@routes.post("/records")
@for_terminal
@described(RecordsTold, takes="application/octet-stream")
async def upload(request: Request) -> HTTPResponse:
    """Post every record of the set and answer each; missing earlier ones are asked for (409).

    429 uploads_wait with Retry-After: many records come in while others pay; nothing was posted.
    """
    parts, terminal = parts_of(request), terminal_of(request)
    key = Ed25519PublicKey.from_public_bytes(terminal.signing_key)
    records = open_record_set(request.body or b"", key)
    if records.terminal_id != terminal.terminal_id:
        raise ForbiddenError(
            "other_terminal", zh="不是本终端的流水。", en="These are another terminal's records."
        )
    async with parts.uploads.enter(terminal.terminal_id, len(records.records)):
        attempts = await read_records(records, verifier_of(parts, terminal.terminal_id))
        outcomes = await parts.payments.post(attempts)
    gap = next((one for one in outcomes if one.word is OutcomeWord.GAP), None)
    if gap is not None:
        raise ConflictError(
            "journal_gap",
            zh="缺少更早的流水，请从该序号起重传。",
            en="Earlier records are missing; send again from the expected sequence.",
            **gap.evidence,
        )
    row = await TerminalRow.get(id=terminal.terminal_id)
    body: RecordsTold = {
        "outcomes": [_tell(outcome) for outcome in outcomes],
        "confirmed_through": row.journal_sequence,
        "last_hash": row.journal_hash,
    }
    return answer(body)


def _tell(outcome: Outcome) -> RecordTold:
    told: RecordTold = {"sequence": outcome.sequence, "outcome": outcome.word}
    if outcome.reason is not None:
        told["reason"] = outcome.reason
    if outcome.evidence:
        told["evidence"] = dict(outcome.evidence)
    return told
