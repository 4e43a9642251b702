"""Visits to a kiosk in the hall: how one is opened, and what may be done in it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import (
    actor_of,
    card_id_of,
    for_terminal,
    for_terminal_with_staff,
    for_visit,
    shared_routes,
    terminal_of,
)
from backend.api.card_told import EmergencyCodeTold, emergency_body
from backend.api.described import NothingTold, described
from backend.api.limits import Bucket
from backend.api.own_card import CARD, FOUND, FREEZE, FREEZE_SHOWN, PAYMENTS
from backend.api.parts import Parts, parts_of, verifier_of
from backend.api.reading import Shape, answer, read_json
from backend.api.terminal.challenge import ChallengeShape
from backend.api.told import At
from backend.domain.access import TerminalActor
from backend.domain.chip_proof import ChipAsked
from backend.domain.errors import InvalidInputError
from backend.domain.feature import Feature
from backend.domain.visit import DEEDS, STAFF_VERB, Deed, Visit, require_hall
from backend.tables.switches import require_on
from backend.usecases.cards.hand_out_emergency_code import hand_out_emergency_code
from backend.usecases.payments.verify_tap import verify_tap
from backend.usecases.visits.ask_chip import ask_chip
from backend.usecases.visits.end_visit import end_visit
from backend.usecases.visits.open_chip_visit import open_chip_visit
from backend.usecases.visits.open_helped_visit import open_helped_visit
from backend.usecases.visits.open_visit import open_visit
from campus_code import CredentialKind, Refusal, RefusedError, RulesBundle, chip_from_text
from campus_code.limits import AT_MAX

CREDENTIAL_CHARACTERS_MAX = 64
CARD_ID_MAX = 2**63 - 1
Hex = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{2}){0,32}$")]

routes = Blueprint("terminal_visits")


class ChipProofShape(Shape):
    """A card in the kiosk's field: how it is called, and what it said first, in hex digits."""

    chip: Annotated[str, Field(max_length=CREDENTIAL_CHARACTERS_MAX)]
    heard: Hex


class ChipAnswerShape(Shape):
    """What was asked of a chip, as `chip-proofs` told it, and what it answered."""

    heard: Hex
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    asked_at: Annotated[int, Field(ge=0, le=AT_MAX)]
    answer: Hex


class VisitShape(Shape):
    """What was shown: a code, with what a phone in the field answered to the kiosk's challenge, if
    it was one; or a card, with its proof. An emergency code opens no visit: nothing of it is the
    issuer's alone.
    """

    credential: Annotated[str, Field(max_length=CREDENTIAL_CHARACTERS_MAX)]
    credential_kind: Literal["code", "card"]
    challenge: ChallengeShape | None = None
    proof: ChipAnswerShape | None = None


class HelpedVisitShape(Shape):
    """Whose card it is, as a member of staff looked it up."""

    card_id: Annotated[int, Field(ge=1, le=CARD_ID_MAX)]


class ChipProofTold(TypedDict):
    """What to tell the chip; the rest goes back with its answer, within seconds."""

    told: str
    nonce: str
    asked_at: At


class VisitTold(TypedDict):
    """A visit: its number goes into the paths of what is done in it, until it ends.

    `deeds` may be done in it. `utc_offset_seconds` is the school's: a kiosk tells times by it.
    """

    visit_id: int
    opened_at: At
    expires_at: At
    deeds: list[Deed]
    utc_offset_seconds: int


@routes.post("/visits")
@for_terminal
@described(VisitTold, body=VisitShape, status=201)
async def open_with_credential(request: Request) -> HTTPResponse:
    """Open a visit with a code or a card that is good at this moment; what was open here ends.

    403 no_kiosk for a terminal that is not of the hall, already_used for a code that has paid or
    has opened a visit, and for a proof that has opened one.
    """
    parts, terminal = parts_of(request), terminal_of(request)
    require_hall(parts.rules.bundle, terminal.group_id)
    await require_on(Feature.KIOSK_VISITS, terminal.merchant_id, terminal.group_id)
    await parts.limits.take(Bucket.VISIT, terminal.terminal_id)
    shape, at = read_json(request, VisitShape), int(parts.clock())
    if shape.credential_kind == "code":
        visit = await _open_with_code(parts, terminal, shape, at)
    else:
        visit = await _open_with_card(parts, terminal, shape, at)
    return answer(_told(visit, parts.rules.bundle), 201)


async def _open_with_code(
    parts: Parts, terminal: TerminalActor, shape: VisitShape, at: int
) -> Visit:
    verifier = verifier_of(parts, terminal.terminal_id)
    shown = await verify_tap(verifier, shape.credential, CredentialKind.CODE, at)
    if shape.challenge is not None:
        if shape.challenge.amount_fen:
            raise RefusedError(Refusal.WRONG_CODE, which="challenge")
        asked = shape.challenge.asked(terminal.terminal_id)
        verifier.verify_answer(shape.challenge.answer(shape.credential), asked, at)
    await parts.limits.take(Bucket.VISIT_CARD, shown.card_number)
    return await open_visit(shown, terminal, rules=parts.rules.bundle, at=at)


async def _open_with_card(
    parts: Parts, terminal: TerminalActor, shape: VisitShape, at: int
) -> Visit:
    proof = shape.proof
    if proof is None:
        raise InvalidInputError("proof", "a card needs one")
    asked = ChipAsked(
        terminal.terminal_id,
        chip_from_text(shape.credential),
        bytes.fromhex(proof.heard),
        bytes.fromhex(proof.nonce),
        proof.asked_at,
    )
    await parts.limits.take(Bucket.VISIT_CARD, shape.credential)
    return await open_chip_visit(
        asked,
        bytes.fromhex(proof.answer),
        terminal,
        rules=parts.rules.bundle,
        vault=parts.vault,
        at=at,
    )


@routes.post("/chip-proofs")
@for_terminal
@described(ChipProofTold, body=ChipProofShape, status=201)
async def ask(request: Request) -> HTTPResponse:
    """What to tell a card in this kiosk's field, so that its answer proves it to the server.

    The shared keys of cards stay here. 422 chip_not_taken for a kind that opens no visit.
    """
    parts, terminal = parts_of(request), terminal_of(request)
    require_hall(parts.rules.bundle, terminal.group_id)
    await parts.limits.take(Bucket.CHIP_PROOF, terminal.terminal_id)
    shape = read_json(request, ChipProofShape)
    asked, told = await ask_chip(
        chip_from_text(shape.chip),
        bytes.fromhex(shape.heard),
        terminal,
        rules=parts.rules.bundle,
        vault=parts.vault,
        randomness=parts.randomness,
        at=int(parts.clock()),
    )
    body: ChipProofTold = {
        "told": told.hex(),
        "nonce": asked.nonce.hex(),
        "asked_at": asked.asked_at,
    }
    return answer(body, 201)


@routes.post("/helped-visits")
@for_terminal_with_staff(STAFF_VERB)
@described(VisitTold, body=HelpedVisitShape, status=201)
async def open_with_help(request: Request) -> HTTPResponse:
    """Open a visit for somebody without a phone; who helps is who acts in it."""
    parts, terminal = parts_of(request), terminal_of(request)
    await require_on(Feature.KIOSK_VISITS, terminal.merchant_id, terminal.group_id)
    await parts.limits.take(Bucket.VISIT, terminal.terminal_id)
    visit = await open_helped_visit(
        read_json(request, HelpedVisitShape).card_id,
        terminal,
        actor_of(request),
        rules=parts.rules.bundle,
        at=int(parts.clock()),
    )
    return answer(_told(visit, parts.rules.bundle), 201)


@routes.delete("/visits")
@for_terminal
@described(NothingTold)
async def end(request: Request) -> HTTPResponse:
    """Whoever stood at this terminal has gone; again changes nothing."""
    await end_visit(terminal_of(request), int(parts_of(request).clock()))
    return answer({})


@described(EmergencyCodeTold, status=201)
async def tell_emergency_code(request: Request) -> HTTPResponse:
    """Tell today's emergency code; it stands in the trail that it was told."""
    parts = parts_of(request)
    made = await hand_out_emergency_code(
        card_id_of(request),
        rules=parts.rules.bundle,
        terminal_keys=parts.keyrings.terminal,
        actor=actor_of(request),
        at=int(parts.clock()),
    )
    return answer(emergency_body(made.code, made.on, made.expires_at), 201)


VISITORS = (
    (Deed.SEE_CARD, CARD),
    (Deed.SEE_PAYMENTS, PAYMENTS),
    (Deed.SEE_FREEZE, FREEZE_SHOWN),
    (Deed.FREEZE, FREEZE),
    (Deed.FIND, FOUND),
    (Deed.EMERGENCY_CODE, (("POST", "/emergency-codes", tell_emergency_code),)),
)
"""All that a visit may reach."""

visitors_routes = tuple(
    shared_routes(f"visit_{deed.name.lower()}", for_visit(deed), own, "/visits/<visit_id:int>")
    for deed, own in VISITORS
)


def _told(visit: Visit, rules: RulesBundle) -> VisitTold:
    return {
        "visit_id": visit.id,
        "opened_at": visit.opened_at,
        "expires_at": visit.expires_at,
        "deeds": sorted(DEEDS[visit.shown]),
        "utc_offset_seconds": rules.utc_offset_seconds,
    }
