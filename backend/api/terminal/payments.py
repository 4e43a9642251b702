"""POST /terminal/payments: one tap, asked online."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_terminal, terminal_of
from backend.api.described import described
from backend.api.parts import Parts, parts_of, verifier_of
from backend.api.reading import Shape, answer, read_json
from backend.api.terminal.challenge import ChallengeShape
from backend.api.told import Day, Fen
from backend.domain.credential import Verifier
from backend.domain.payment import Attempt, AttemptKind, Outcome, OutcomeWord
from backend.domain.pin import PinLockedError
from backend.tables.card import CardRow
from backend.usecases.cardholders.check_pin import check_pin
from backend.usecases.payments.verify_tap import verify_tap
from campus_code import CredentialKind, Refusal, RefusedError
from campus_code.limits import AMOUNT_FEN_MAX, VERSION_MAX

routes = Blueprint("terminal_payments")

CREDENTIAL_CHARACTERS_MAX = 64
PIN_CHARACTERS_MAX = 12


class TapShape(Shape):
    """One tap. `asked_fen` is what the cashier typed, null where the price is fixed."""

    sequence: Annotated[int, Field(ge=1, le=VERSION_MAX)]
    credential: Annotated[str, Field(max_length=CREDENTIAL_CHARACTERS_MAX)]
    credential_kind: Literal["code", "emergency", "card"]
    asked_fen: Annotated[int, Field(ge=1, le=AMOUNT_FEN_MAX)] | None = None
    pin: Annotated[str, Field(max_length=PIN_CHARACTERS_MAX)] | None = None
    challenge: ChallengeShape | None = None


class ApprovedTold(TypedDict):
    """The payment stands. charged = nominal − discount + fee."""

    outcome: Literal["approved"]
    sequence: int
    is_repeat: bool
    payment_id: int
    nominal_fen: Fen
    discount_fen: Fen
    fee_fen: Fen
    charged_fen: Fen
    class_id: int
    period_id: str
    business_on: Day


class DeclinedTold(TypedDict):
    """Nothing was paid; `evidence` is what the refusal's sentence speaks of."""

    outcome: Literal["declined"]
    sequence: int
    reason: Refusal
    evidence: dict[str, int | str]


@routes.post("/payments")
@for_terminal
@described(ApprovedTold | DeclinedTold, body=TapShape)
async def pay(request: Request) -> HTTPResponse:
    """Decide and post one tap; a refusal is an answer (200), not an error."""
    parts, terminal = parts_of(request), terminal_of(request)
    tap = read_json(request, TapShape)
    kind = CredentialKind(tap.credential_kind)
    at = int(parts.clock())
    try:
        shown = await verify_tap(verifier_of(parts, terminal.terminal_id), tap.credential, kind, at)
        _check_challenge(tap, terminal.terminal_id, verifier_of(parts, terminal.terminal_id), at)
    except RefusedError as error:
        return _declined(tap.sequence, error.refusal, dict(error.evidence))
    if tap.pin is not None:
        refusal = await _check_pin(parts, shown.card_number, tap.pin)
        if refusal is not None:
            return _declined(tap.sequence, refusal, {})
    outcome = await parts.payments.pay(
        Attempt(
            kind=AttemptKind.ONLINE,
            terminal_id=terminal.terminal_id,
            sequence=tap.sequence,
            at=at,
            card_number=shown.card_number,
            credential=kind,
            issue=shown.issue,
            step=shown.step,
            asked_fen=tap.asked_fen,
            has_pin=tap.pin is not None,
            chip=shown.chip,
        )
    )
    return answer(tell(outcome))


def _check_challenge(tap: TapShape, terminal_id: int, verifier: Verifier, at: int) -> None:
    """A phone read by NFC answered this terminal, for this amount; RefusedError says it did not."""
    if tap.challenge is None or tap.credential_kind != "code":
        return
    if tap.challenge.amount_fen != (tap.asked_fen or 0):
        raise RefusedError(Refusal.WRONG_CODE, which="challenge")
    asked = tap.challenge.asked(terminal_id)
    verifier.verify_answer(tap.challenge.answer(tap.credential), asked, at)


async def _check_pin(parts: Parts, card_number: str, pin: str) -> Refusal | None:
    """Why the PIN does not count, or None when it is right; too many wrong ones freeze the card."""
    card = await CardRow.get_or_none(number=card_number)
    if card is None:
        return Refusal.UNKNOWN_CARD
    at = int(parts.clock())
    try:
        is_right = await check_pin(card.holder_id, pin, at=at, vault=parts.vault, bus=parts.bus)
    except PinLockedError:
        return Refusal.FROZEN
    return None if is_right else Refusal.WRONG_PIN


def tell(outcome: Outcome) -> ApprovedTold | DeclinedTold:
    """An online outcome as the terminal reads it: approved or declined, and why."""
    if not outcome.is_approved:
        reason = outcome.reason or Refusal.JOURNAL_FAULT
        return {
            "outcome": "declined",
            "sequence": outcome.sequence,
            "reason": reason,
            "evidence": dict(outcome.evidence),
        }
    amounts = outcome.amounts
    return {
        "outcome": "approved",
        "sequence": outcome.sequence,
        "is_repeat": outcome.word is OutcomeWord.REPEATED,
        "payment_id": outcome.payment_id,
        "nominal_fen": amounts.nominal_fen,
        "discount_fen": amounts.discount_fen,
        "fee_fen": amounts.fee_fen,
        "charged_fen": amounts.charged_fen,
        "class_id": outcome.class_id,
        "period_id": outcome.period_id,
        "business_on": outcome.business_on,
    }


def _declined(sequence: int, reason: Refusal, evidence: dict[str, int | str]) -> HTTPResponse:
    return answer(tell(Outcome(sequence, OutcomeWord.DECLINED, reason=reason, evidence=evidence)))
