from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.letter import CODE_CONTEXT, CODE_TRIES_MAX
from backend.domain.message import Channel
from backend.tables.addresses import lock_address, unknown_address
from backend.tables.database import transaction
from backend.tables.message import AddressRow
from backend.tables.retrying import retried
from backend.usecases.ports import Vault


async def confirm_address(
    channel: Channel, code: str, *, actor: Actor, at: int, vault: Vault
) -> AddressRow:
    """Take the code that was sent there: from now on letters go there.

    Raises:
        NotFoundError: no address. ConflictError: the code is over, or was tried too often.
        InvalidInputError: it is not the code.

    """
    row, is_right = await _try(channel, vault.keyed_hash(code.encode(), CODE_CONTEXT), actor, at)
    if not is_right:  # after the commit, so that the try is counted
        raise InvalidInputError("code", "is not the one that was sent", zh="验证码不正确。")
    return row


@retried
async def _try(channel: Channel, code_hash: str, actor: Actor, at: int) -> tuple[AddressRow, bool]:
    async with transaction():
        row = await lock_address(actor, channel)
        if row is None:
            raise unknown_address()
        if row.agreed_at:
            return row, True
        if at >= row.code_until or row.code_tries >= CODE_TRIES_MAX:
            raise ConflictError(
                "code_over", zh="验证码已失效，请重新获取。", en="Please ask for a new code."
            )
        row.code_tries += 1
        is_right = row.code_hash == code_hash
        if is_right:
            row.agreed_at, row.code_hash = at, ""
        await row.save()
        return row, is_right
