from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.dispute import Dispute
from backend.domain.payment import read_code_key
from backend.domain.place import Place, chain_of
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.disputes import read_dispute, require_reach
from backend.tables.merchant import MerchantRow
from backend.tables.payment import PaymentRow, ReversalRow
from backend.tables.places import read_places
from backend.tables.risk import AlertRow
from backend.tables.shift import ShiftRow
from backend.tables.shifts import names_of_cashiers, shift_of
from backend.tables.terminal import TerminalRow
from campus_code import CredentialKind

NEIGHBOUR_SECONDS = 600
NEIGHBOURS_MAX = 40
"""How far around the payment is looked, and how many of each kind are told."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is stored around a contested payment."""

    dispute: Dispute
    payment: PaymentRow
    terminal: TerminalRow | None
    places: tuple[Place, ...]
    code_step: int | None
    is_reversed: bool
    same_card: list[PaymentRow]
    same_terminal: list[PaymentRow]
    alerts: list[AlertRow]
    shift: ShiftRow | None
    cashier: str


async def assemble_evidence(payment_id: int, *, actor: Actor, at: int) -> Evidence:
    """What is stored about a contested payment and what happened around it; leaves a line.

    NotFoundError: nobody contests it, or it is beyond the actor's reach.
    """
    await require_reach(actor, payment_id)
    dispute = await read_dispute(payment_id)
    payment = await PaymentRow.get(id=payment_id)
    merchant = await MerchantRow.get(id=payment.merchant_id)
    places = {place.id: place for place in await read_places()}
    near = {
        "occurred_at__gte": payment.occurred_at - NEIGHBOUR_SECONDS,
        "occurred_at__lte": payment.occurred_at + NEIGHBOUR_SECONDS,
    }
    own = PaymentRow.filter(
        holder_id=payment.holder_id, business_on=payment.business_on, **near
    ).exclude(id=payment_id)
    reach = range(payment.sequence - NEIGHBOURS_MAX // 2, payment.sequence + NEIGHBOURS_MAX // 2)
    beside = PaymentRow.filter(terminal_id=payment.terminal_id, sequence__in=list(reach))
    card = await CardRow.get_or_none(id=payment.card_id)
    shift = await shift_of(payment.terminal_id, payment.sequence)
    names = await names_of_cashiers([] if shift is None else [(shift.cashier, shift.merchant_id)])
    evidence = Evidence(
        dispute=dispute,
        payment=payment,
        terminal=await TerminalRow.get_or_none(id=payment.terminal_id),
        places=tuple(places[one] for one in chain_of(places.values(), merchant.place_id)),
        code_step=_step(payment.code_key),
        is_reversed=await ReversalRow.exists(payment_id=payment_id),
        same_card=await own.order_by("occurred_at", "id").limit(NEIGHBOURS_MAX),
        same_terminal=await beside.exclude(id=payment_id).order_by("sequence"),
        alerts=await AlertRow.filter(payment_id=payment_id).order_by("id"),
        shift=shift,
        cashier=next(iter(names.values()), ""),
    )
    if card is not None:
        subject = f"card:{card.id}"
        await note(actor.label, "disputes.look", subject, at, payment_id=payment_id)
    return evidence


def _step(key: int | None) -> int | None:
    """The step in which the code was made; None for what is no code of a phone."""
    use = None if key is None else read_code_key(key)
    return use.step if use is not None and use.credential is CredentialKind.CODE else None
