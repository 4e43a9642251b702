"""Ask that a merchant be sent everything settled through a day; nothing moves until approved."""

from __future__ import annotations

from dataclasses import dataclass

from tortoise.exceptions import IntegrityError

from backend.domain.access import Actor
from backend.domain.bill_day import day_from
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.remittance import SETTLEMENTS_MAX
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow, SettlementRow
from backend.tables.remittance import RemittanceLineRow, RemittanceRow
from backend.tables.remittances import unpaid_settlements


@dataclass(frozen=True, slots=True)
class RemittanceAsked:
    """What is asked for. `request_key` is the asker's own id: a repeat gets the first answer."""

    request_key: str
    merchant_id: int
    through_on: int
    reason: str


async def ask_remittance(asked: RemittanceAsked, actor: Actor, at: int) -> RemittanceRow:
    """Put it down with the settlements it pays. `at` is Unix seconds.

    Raises:
        NotFoundError: no such merchant.
        ConflictError: nothing is owed through that day, somebody else asked for it meanwhile, or
            the request key was used for something else.

    """
    day_from(asked.through_on, "through_on")
    standing = await RemittanceRow.get_or_none(request_key=asked.request_key)
    if standing is not None:
        return _same(standing, asked)
    try:
        async with transaction():
            if not await MerchantRow.filter(id=asked.merchant_id).select_for_update():
                raise NotFoundError(
                    "unknown_merchant", zh="没有这个商户。", en="There is no such merchant."
                )
            unpaid = await unpaid_settlements(asked.merchant_id, asked.through_on, SETTLEMENTS_MAX)
            row = await _put_down(asked, unpaid, actor, at)
    except IntegrityError:
        standing = await RemittanceRow.get_or_none(request_key=asked.request_key)
        if standing is None:
            raise _asked_meanwhile() from None
        return _same(standing, asked)
    return row


async def _put_down(
    asked: RemittanceAsked, unpaid: list[SettlementRow], actor: Actor, at: int
) -> RemittanceRow:
    amount_fen = sum(one.net_fen for one in unpaid)
    if not amount_fen:
        raise ConflictError(
            "nothing_owed",
            zh="截至该日没有待付的结算款。",
            en="Nothing settled through that day is still to be paid.",
        )
    row = await RemittanceRow.create(
        request_key=asked.request_key,
        merchant_id=asked.merchant_id,
        through_on=asked.through_on,
        settlements=len(unpaid),
        amount_fen=amount_fen,
        reason=asked.reason,
        made_by=actor.label,
        made_at=at,
    )
    await RemittanceLineRow.bulk_create(
        [
            RemittanceLineRow(
                remittance_id=row.id,
                settlement_id=one.id,
                standing_id=one.id,
                amount_fen=one.net_fen,
            )
            for one in unpaid
        ]
    )
    subject = f"merchant:{asked.merchant_id}"
    await note(actor.label, "remittances.ask", subject, at, amount_fen=amount_fen)
    return row


def _same(standing: RemittanceRow, asked: RemittanceAsked) -> RemittanceRow:
    said = (standing.merchant_id, standing.through_on, standing.reason)
    if said != (asked.merchant_id, asked.through_on, asked.reason):
        raise ConflictError(
            "key_used", zh="该请求编号已用于别的申请。", en="This key was used for another request."
        )
    return standing


def _asked_meanwhile() -> ConflictError:
    return ConflictError(
        "asked_already",
        zh="这些结算款刚刚已由他人申请付款。",
        en="Somebody asked for these settlements meanwhile.",
    )
