"""Say what the school keeps of a merchant's settlements from a day on; nothing is changed back."""

from __future__ import annotations

from dataclasses import dataclass

from tortoise.exceptions import IntegrityError

from backend.domain.access import Actor
from backend.domain.commission import require_ahead
from backend.domain.errors import ConflictError, NotFoundError
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow, SettlementRow
from backend.tables.remittance import CommissionRow


@dataclass(frozen=True, slots=True)
class CommissionSaid:
    """A rate in hundredths of a per cent, from a business day on, and why."""

    merchant_id: int
    begins_on: int
    basis_points: int
    reason: str


async def set_commission(said: CommissionSaid, actor: Actor, at: int) -> CommissionRow:
    """Add it to the merchant's history.

    Raises:
        NotFoundError: no such merchant.
        InvalidInputError: no such day.
        ConflictError: that day is settled, or has a rate of its own that says otherwise.

    """
    try:
        async with transaction():
            if not await MerchantRow.filter(id=said.merchant_id).select_for_update():
                raise NotFoundError(
                    "unknown_merchant", zh="没有这个商户。", en="There is no such merchant."
                )
            newest = (
                await SettlementRow.filter(merchant_id=said.merchant_id)
                .order_by("-business_on")
                .first()
            )
            require_ahead(said.begins_on, newest.business_on if newest else 0)
            row = await CommissionRow.create(
                merchant_id=said.merchant_id,
                begins_on=said.begins_on,
                basis_points=said.basis_points,
                reason=said.reason,
                set_by=actor.label,
                set_at=at,
            )
            subject, detail = f"merchant:{said.merchant_id}", {"basis_points": said.basis_points}
            await note(actor.label, "commissions.set", subject, at, **detail)
    except IntegrityError:
        raise ConflictError(
            "rate_stands",
            zh="该日已有费率，请另选生效日。",
            en="That day has a rate already; choose another day.",
        ) from None
    return row
