from __future__ import annotations

from tortoise.exceptions import IntegrityError

from backend.domain.access import Actor
from backend.domain.errors import TooManyRequestsError
from backend.domain.letter import (
    ADDRESS_CONTEXT,
    CODE_AGAIN_SECONDS,
    CODE_CONTEXT,
    CODE_SECONDS,
    new_code,
    read_address,
    shown_address,
)
from backend.domain.message import CONFIRM, Channel, Delivery, Language
from backend.tables.addresses import lock_address, owner_of
from backend.tables.database import transaction
from backend.tables.message import AddressRow, OutboxRow
from backend.tables.retrying import retried
from backend.usecases.ports import Randomness, Vault

CODE_BYTES = 8


@retried
async def keep_address(
    channel: Channel,
    address: str,
    language: Language,
    *,
    actor: Actor,
    at: int,
    randomness: Randomness,
    vault: Vault,
) -> AddressRow:
    """Keep where somebody wants letters, in place of the one before, and send a code there.

    Nothing else goes there until the code comes back: a wrong digit must tell no stranger what
    somebody eats.

    Raises:
        InvalidInputError: no such address. TooManyRequestsError: a code has just been sent.

    """
    plain = read_address(channel, address)
    code = new_code(randomness(CODE_BYTES))
    async with transaction():
        row = await lock_address(actor, channel)
        if row is not None and at < row.made_at + CODE_AGAIN_SECONDS:
            raise TooManyRequestsError(row.made_at + CODE_AGAIN_SECONDS - at)
        if row is None:
            row = AddressRow(channel=channel.value, **owner_of(actor))
        row.sealed = vault.seal(plain.encode(), ADDRESS_CONTEXT)
        row.shown = shown_address(channel, plain)
        row.language = language.value
        row.code_hash = vault.keyed_hash(code.encode(), CODE_CONTEXT)
        row.code_until, row.code_tries = at + CODE_SECONDS, 0
        row.made_at, row.agreed_at, row.failed_at = at, 0, 0
        try:
            await row.save()
        except IntegrityError:  # the same person, twice in the same moment
            raise TooManyRequestsError(CODE_AGAIN_SECONDS) from None
        await OutboxRow.create(
            topic=f"{CONFIRM}:{row.id}:{at}",
            wechat_id=0,
            template=CONFIRM,
            body={"code": code},
            state=Delivery.WAITING,
            made_at=at,
            due_at=at,
            channel=channel.value,
            holder_id=row.holder_id,
            guardian_id=row.guardian_id,
        )
    return row
