"""A contested payment with all that is stored around it, for whoever has to decide."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer
from backend.api.told import At, Day, Fen
from backend.domain.place import PlaceKind
from backend.domain.risk import AlertKind
from backend.tables.payment import PaymentRow
from backend.usecases.disputes.assemble_evidence import Evidence, assemble_evidence
from campus_code import STEP_SECONDS

routes = Blueprint("staff_evidence")


class NearPaymentTold(TypedDict):
    """A payment near the contested one, of the same holder or at the same terminal."""

    payment_id: int
    card_id: int
    merchant_id: int
    terminal_id: int
    sequence: int
    occurred_at: At
    charged_fen: Fen
    credential: str
    was_offline: bool
    outcome: str
    reason: str


class WhereTold(TypedDict):
    """A step of the place, nearest first."""

    kind: PlaceKind
    name: str


class EvidenceTerminalTold(TypedDict):
    """The terminal, as it reported itself last."""

    terminal_id: int
    name: str
    group_id: str
    clock_skew_seconds: int
    seen_at: At | None
    revoked_at: At | None


class EvidenceShiftTold(TypedDict):
    """The cashier's shift it was taken in; `name` "": nobody who is a cashier there."""

    shift_id: int
    cashier: int
    name: str
    opened_at: At
    closed_at: At | None


class EvidenceAlertTold(TypedDict):
    """What the watch found about this very payment."""

    alert_id: int
    kind: AlertKind
    evidence: dict[str, Any]
    found_at: At


class EvidenceTold(TypedDict):
    """A contested payment with what stands around it; no name, ids say whose it is.

    `code_made_at`: when the phone made the code it was paid with (null: no code), to the step.
    """

    payment_id: int
    first_payment_id: int
    cardholder_id: int
    card_number: str
    merchant: str
    reason: str
    note: str
    is_automatic: bool
    state: str
    opened_at: At
    business_on: Day
    period_id: str
    sequence: int
    occurred_at: At
    posted_at: At
    credential: str
    code_made_at: At | None
    was_offline: bool
    outcome: str
    nominal_fen: Fen
    discount_fen: Fen
    fee_fen: Fen
    charged_fen: Fen
    borne_fen: Fen
    returned_fen: Fen
    is_reversed: bool
    where: list[WhereTold]
    terminal: EvidenceTerminalTold | None
    shift: EvidenceShiftTold | None
    same_holder: list[NearPaymentTold]
    same_terminal: list[NearPaymentTold]
    alerts: list[EvidenceAlertTold]


@routes.get("/disputes/<payment_id:int>/evidence")
@for_staff("payments.refund", scoped=True)
@described(EvidenceTold)
async def show(request: Request, payment_id: int) -> HTTPResponse:
    """Everything that is stored about it; the holder sees that somebody looked."""
    at = int(parts_of(request).clock())
    found = await assemble_evidence(payment_id, actor=actor_of(request), at=at)
    return answer(_told(found))


def _shift(found: Evidence) -> EvidenceShiftTold | None:
    if found.shift is None:
        return None
    return {
        "shift_id": found.shift.id,
        "cashier": found.shift.cashier,
        "name": found.cashier,
        "opened_at": found.shift.opened_at,
        "closed_at": found.shift.closed_at or None,
    }


def _told(found: Evidence) -> EvidenceTold:
    dispute, payment = found.dispute, found.payment
    return {
        "payment_id": payment.id,
        "first_payment_id": dispute.first_payment_id,
        "cardholder_id": payment.holder_id,
        "card_number": dispute.card_number,
        "merchant": dispute.merchant,
        "reason": dispute.reason,
        "note": dispute.note,
        "is_automatic": dispute.is_automatic,
        "state": dispute.state.value,
        "opened_at": dispute.opened_at,
        "business_on": payment.business_on,
        "period_id": payment.period_id,
        "sequence": payment.sequence,
        "occurred_at": payment.occurred_at,
        "posted_at": payment.posted_at,
        "credential": payment.credential,
        "code_made_at": None if found.code_step is None else found.code_step * STEP_SECONDS,
        "was_offline": payment.was_offline,
        "outcome": payment.outcome,
        "nominal_fen": payment.nominal_fen,
        "discount_fen": payment.discount_fen,
        "fee_fen": payment.fee_fen,
        "charged_fen": payment.charged_fen,
        "borne_fen": payment.borne_fen,
        "returned_fen": dispute.returned_fen,
        "is_reversed": found.is_reversed,
        "where": [{"kind": place.kind, "name": place.name} for place in found.places],
        "terminal": _terminal(found),
        "shift": _shift(found),
        "same_holder": [_near(one) for one in found.same_card],
        "same_terminal": [_near(one) for one in found.same_terminal],
        "alerts": [
            {
                "alert_id": one.id,
                "kind": AlertKind(one.kind),
                "evidence": one.evidence,
                "found_at": one.found_at,
            }
            for one in found.alerts
        ],
    }


def _terminal(found: Evidence) -> EvidenceTerminalTold | None:
    row = found.terminal
    if row is None:
        return None
    return {
        "terminal_id": row.id,
        "name": row.name,
        "group_id": row.group_id,
        "clock_skew_seconds": row.clock_skew_seconds,
        "seen_at": None if row.seen_at is None else int(row.seen_at.timestamp()),
        "revoked_at": None if row.revoked_at is None else int(row.revoked_at.timestamp()),
    }


def _near(row: PaymentRow) -> NearPaymentTold:
    return {
        "payment_id": row.id,
        "card_id": row.card_id,
        "merchant_id": row.merchant_id,
        "terminal_id": row.terminal_id,
        "sequence": row.sequence,
        "occurred_at": row.occurred_at,
        "charged_fen": row.charged_fen,
        "credential": row.credential,
        "was_offline": row.was_offline,
        "outcome": row.outcome,
        "reason": row.reason,
    }
