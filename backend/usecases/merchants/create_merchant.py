from __future__ import annotations

from tortoise.exceptions import IntegrityError

from backend.domain.access import Actor
from backend.domain.errors import ConflictError
from backend.domain.merchant import read_merchant_name
from backend.tables.accounts import open_payable
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow
from backend.tables.retrying import retried


@retried
async def create_merchant(name: str, *, actor: Actor, at: int) -> int:
    """Add a merchant with its payable account; its id.

    Raises:
        InvalidInputError: the name. ConflictError: another merchant has it.

    """
    name = read_merchant_name(name)
    try:
        async with transaction():
            row = await MerchantRow.create(name=name)
            await open_payable(row.id)
            await note(actor.label, "merchants.create", f"merchant:{row.id}", at)
    except IntegrityError as error:
        raise ConflictError(
            "name_taken", zh="已有同名商户。", en="There is a merchant of this name."
        ) from error
    merchant_id: int = row.id
    return merchant_id
