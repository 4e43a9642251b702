from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import ConflictError
from backend.domain.guardian import CONTACTS_MAX, ContactKind
from backend.domain.times import utc
from backend.domain.wechat import PHONE_CONTEXT, TAIL_DIGITS, read_phone
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.guardian import ContactRow
from backend.tables.guardians import lock_holder
from backend.tables.retrying import retried
from backend.usecases.ports import Vault


@retried
async def add_contact(
    holder_id: int, kind: ContactKind, phone: str, *, actor: Actor, at: int, vault: Vault
) -> str:
    """Note a phone number the school has, as a keyed hash; its last four digits. Again: the same.

    Raises:
        InvalidInputError: no phone number. NotFoundError: no such holder. ConflictError: enough.

    """
    number = read_phone(phone)
    tail = number[-TAIL_DIGITS:]
    phone_hash = vault.keyed_hash(number.encode(), PHONE_CONTEXT)
    async with transaction():
        await lock_holder(holder_id)
        contacts = await ContactRow.filter(holder_id=holder_id)
        if any((one.kind, one.phone_hash) == (kind, phone_hash) for one in contacts):
            return tail
        if len(contacts) >= CONTACTS_MAX:
            raise ConflictError("too_many_contacts", zh="联系电话太多", en="There are enough")
        await ContactRow.create(
            holder_id=holder_id,
            kind=kind,
            phone_hash=phone_hash,
            tail=tail,
            made_by=actor.label,
            made_at=utc(at),
        )
        subject = f"cardholder:{holder_id}"
        await note(actor.label, "contacts.add", subject, at, kind=kind, tail=tail)
    return tail
