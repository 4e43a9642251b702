"""Reading disputes with the payments they are about: a few statements a page, none a line."""

from __future__ import annotations

from collections.abc import Sequence

from backend.domain.access import Actor
from backend.domain.courtesy import COURTESY_REASON
from backend.domain.dispute import BY_HAND, Dispute, DisputeState
from backend.domain.errors import NotFoundError
from backend.tables import sql
from backend.tables.card import CardRow
from backend.tables.merchant import MerchantRow
from backend.tables.payment import DisputeRow, PaymentRow
from backend.tables.places import within, within_sql
from backend.tables.statements import came_back_of
from backend.tables.terminal import TerminalRow


async def read_dispute(payment_id: int) -> Dispute:
    """The dispute about one payment. NotFoundError when nobody contests it."""
    found = await _told(await DisputeRow.filter(id=payment_id))
    if not found:
        raise unknown_dispute()
    return found[0]


def unknown_dispute() -> NotFoundError:
    """The answer when nobody contests a payment."""
    return NotFoundError("unknown_dispute", zh="没有这项争议。", en="There is no such dispute.")


async def disputes_of(holder_id: int, lines_max: int) -> list[Dispute]:
    """The newest disputes about a holder's payments, whoever opened them."""
    card_ids = [card.id for card in await CardRow.filter(holder_id=holder_id).only("id")]
    query = DisputeRow.filter(card_id__in=card_ids).order_by("-opened_at", "-id")
    return await _told(await query.limit(lines_max))


async def open_disputes(actor: Actor, after_id: int, lines_max: int) -> list[Dispute]:
    """What nobody has decided yet within the actor's reach, by payment id, after one."""
    joined = "dispute d JOIN payment p ON p.id=d.id"
    mine = f"d.decision='' AND d.id>{int(after_id)} AND {within_sql(actor, 'p.merchant_id')}"
    tail = f" ORDER BY d.id LIMIT {int(lines_max)}"
    rows: list[DisputeRow] = list(await DisputeRow.raw(sql.select("d.*", joined, mine, tail)))
    return await _told(rows)


async def require_reach(actor: Actor, payment_id: int) -> None:
    """Raise NotFoundError for a dispute about a payment that is not within the actor's reach."""
    if not await PaymentRow.filter(id=payment_id, **within(actor)).exists():
        raise unknown_dispute()


def _state(decision: str) -> DisputeState:
    return DisputeState(decision) if decision else DisputeState.OPEN


async def _told(rows: Sequence[DisputeRow]) -> list[Dispute]:
    payments = {row.id: row for row in await PaymentRow.filter(id__in=[row.id for row in rows])}
    cards = await CardRow.filter(id__in={row.card_id for row in payments.values()})
    numbers = {row.id: row.number for row in cards}
    merchant_ids = {row.merchant_id for row in payments.values()}
    merchants = {row.id: row.name for row in await MerchantRow.filter(id__in=merchant_ids)}
    terminal_ids = {row.terminal_id for row in payments.values()}
    terminals = {row.id: row.name for row in await TerminalRow.filter(id__in=terminal_ids)}
    back = await came_back_of(list(payments.values()))
    disputes = []
    for row in rows:
        payment = payments[row.id]
        disputes.append(
            Dispute(
                payment_id=row.id,
                first_payment_id=row.first_payment_id,
                holder_id=payment.holder_id,
                card_number=numbers.get(payment.card_id, ""),
                merchant=merchants.get(payment.merchant_id, ""),
                terminal=terminals.get(payment.terminal_id, ""),
                occurred_at=payment.occurred_at,
                charged_fen=payment.charged_fen,
                borne_fen=payment.borne_fen,
                returned_fen=back[row.id].fen,
                is_courtesy=payment.reason == COURTESY_REASON,
                is_undone=back[row.id].is_undone,
                reason=row.reason,
                note=row.note,
                is_automatic=row.reason not in BY_HAND,
                opened_at=row.opened_at,
                state=_state(row.decision),
                decided_at=row.decided_at,
                decision_note=row.decision_note,
            )
        )
    return disputes
