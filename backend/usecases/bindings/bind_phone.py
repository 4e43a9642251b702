from __future__ import annotations

from dataclasses import dataclass, field

from backend.domain.access import Audience
from backend.domain.card import bind
from backend.domain.errors import ConflictError, UnauthenticatedError
from backend.domain.phone import secrets_for
from backend.domain.times import utc
from backend.domain.tokens import TOKEN_BYTES, read_binding_code, session_token, token_hash
from backend.tables.audit import note
from backend.tables.bindings import end_phones
from backend.tables.card import BindingRow, PhoneRow
from backend.tables.card_changes import lock_card, record_change
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.staff import SessionRow
from backend.usecases.ports import Bus, Randomness
from campus_code import Keyring, PhoneSecrets

PHONE_SESSION_SECONDS = 180 * 86_400
RECENT_SECONDS = 28 * 86_400
RECENT_PHONES_MAX = 30
"""Issues have two digits: their circle must be longer than any epoch's secrets live."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What the phone gets, once."""

    session: str = field(repr=False)
    expires_at: int
    card_number: str
    issue: int
    secrets: tuple[PhoneSecrets, ...]


@retried
async def bind_phone(
    code: str,
    *,
    terminal_keys: Keyring,
    issuer_keys: Keyring,
    at: int,
    randomness: Randomness,
    bus: Bus,
) -> Bound:
    """Redeem a binding code: `issue` rises, older phones and their codes end, this one is in.

    Raises:
        UnauthenticatedError: unknown, used or expired code, always with the same words.

    """
    code_hash = token_hash(read_binding_code(code))
    token = session_token(randomness(TOKEN_BYTES))
    now = utc(at)
    found = await BindingRow.get_or_none(code_hash=code_hash)
    if found is None:
        raise _wrong_code()
    async with transaction():
        row, card = await lock_card(found.card_id)
        binding = await BindingRow.select_for_update().get(id=found.id)
        if binding.used_at is not None or binding.expires_at <= now:
            raise _wrong_code()
        since = utc(at - RECENT_SECONDS)
        if await PhoneRow.filter(card_id=card.id, bound_at__gt=since).count() >= RECENT_PHONES_MAX:
            raise ConflictError(
                "too_many_phones",
                zh="近期绑定手机过于频繁",
                en="Too many phones were bound lately",
            )
        # before end_phones, which voids what is unused
        await BindingRow.filter(id=binding.id).update(used_at=now)
        await end_phones(card.id, at)
        by = f"{Audience.STUDENT}:{card.id}"
        change = await record_change(row, bind(card), by, at)
        issue = change.card.issue
        # a code nobody can sign is worth nothing: this raises before anything is committed
        secrets = secrets_for(terminal_keys, issuer_keys, card.number, issue, at)
        phone = await PhoneRow.create(card_id=card.id, issue=issue, bound_at=now)
        await SessionRow.create(
            token_hash=token_hash(token),
            audience=Audience.STUDENT,
            subject_id=card.id,
            phone_id=phone.id,
            opened_at=now,
            expires_at=utc(at + PHONE_SESSION_SECONDS),
        )
        await note(by, "phones.bind", f"card:{card.id}", at, issue=issue)
    for topic, payload in change.wakeups().items():
        await bus.publish(topic, payload)
    return Bound(token, at + PHONE_SESSION_SECONDS, card.number, issue, secrets)


def _wrong_code() -> UnauthenticatedError:
    return UnauthenticatedError(
        "wrong_binding_code",
        zh="绑定码不正确或已失效",
        en="The binding code is wrong or no longer valid",
    )
