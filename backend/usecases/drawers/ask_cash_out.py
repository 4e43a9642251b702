"""Ask for cash to be paid out of the own drawer; another person has to approve it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.refund import parts_in_cash
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.drawer import CashOutRequestRow
from backend.tables.ledger import Ledger
from backend.tables.lots import purse_selects, read_purse


@dataclass(frozen=True, slots=True)
class CashOutAsked:
    """What is asked for. `request_key` is the asker's own id: a repeat gets the first answer."""

    request_key: str
    holder_id: int
    amount_fen: int
    reason: str


async def ask_cash_out(
    ledger: Ledger, asked: CashOutAsked, actor: Actor, at: int
) -> CashOutRequestRow:
    """Put the request down. What is judged here is judged again when it is approved.

    Raises:
        NotFoundError: no such cardholder.
        InvalidInputError: no amount.
        NotRefundable: the counter may not pay so much to this holder.
        ConflictError: the request key was used for something else.

    """
    if type(asked.amount_fen) is not int or asked.amount_fen < 1:
        raise InvalidInputError("amount_fen", "must be a whole number from 1")
    standing = await CashOutRequestRow.get_or_none(request_key=asked.request_key)
    if standing is None:
        rows = await ledger.read(purse_selects(asked.holder_id, ""))
        parts_in_cash(read_purse(*rows), asked.amount_fen, at)
        async with transaction():
            standing, is_new = await CashOutRequestRow.get_or_create(
                request_key=asked.request_key,
                defaults={
                    "holder_id": asked.holder_id,
                    "amount_fen": asked.amount_fen,
                    "reason": asked.reason,
                    "made_by": actor.label,
                    "made_at": at,
                },
            )
            if is_new:
                subject = f"cardholder:{asked.holder_id}"
                await note(actor.label, "cash_outs.ask", subject, at, amount_fen=asked.amount_fen)
    said = (standing.holder_id, standing.amount_fen, standing.reason, standing.made_by)
    if said != (asked.holder_id, asked.amount_fen, asked.reason, actor.label):
        raise ConflictError(
            "key_used", zh="该请求编号已用于别的申请。", en="This key was used for another request."
        )
    return standing
