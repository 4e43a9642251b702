"""Binding a phone to a card: what every way of binding one has in common."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.domain.access import Audience
from backend.domain.card import Card, CardChange, bind
from backend.domain.errors import ConflictError
from backend.domain.phone import (
    PHONE_SESSION_SECONDS,
    RECENT_PHONES_MAX,
    RECENT_SECONDS,
    secrets_for,
)
from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.tables.audit import note
from backend.tables.bindings import end_phones
from backend.tables.card import CardRow, PhoneRow
from backend.tables.card_changes import record_change
from backend.tables.staff import SessionRow
from campus_code import Keyring, PhoneSecrets


@dataclass(frozen=True, slots=True)
class Keyrings:
    """The keys a phone's secrets come from."""

    terminal: Keyring
    issuer: Keyring


@dataclass(frozen=True, slots=True)
class Bound:
    """What the phone gets, once."""

    session: str = field(repr=False)
    expires_at: int
    card_number: str
    issue: int
    secrets: tuple[PhoneSecrets, ...]


async def require_few_phones(card_id: int, at: int) -> None:
    """Raise ConflictError when RECENT_PHONES_MAX were bound lately."""
    recent = PhoneRow.filter(card_id=card_id, bound_at__gt=utc(at - RECENT_SECONDS))
    if await recent.count() >= RECENT_PHONES_MAX:
        raise ConflictError(
            "too_many_phones",
            zh="近期绑定手机过于频繁",
            en="Too many phones were bound lately",
        )


async def bind_new_phone(
    row: CardRow, card: Card, token: str, keys: Keyrings, at: int, *, wechat_id: int | None
) -> tuple[Bound, CardChange]:
    """Bind a phone under the card's lock: `issue` rises, older phones and their codes end."""
    await end_phones(card.id, at)
    by = f"{Audience.STUDENT}:{card.id}"
    change = await record_change(row, bind(card), by, at)
    issue = change.card.issue
    # a code nobody can sign is worth nothing: this raises before anything is committed
    secrets = secrets_for(keys.terminal, keys.issuer, card.number, issue, at)
    phone = await PhoneRow.create(
        card_id=card.id, issue=issue, wechat_id=wechat_id, bound_at=utc(at)
    )
    expires_at = await open_phone_session(phone.id, card.id, token, at)
    await note(by, "phones.bind", f"card:{card.id}", at, issue=issue)
    return Bound(token, expires_at, card.number, issue, secrets), change


async def open_phone_session(phone_id: int, card_id: int, token: str, at: int) -> int:
    """Open a session of a bound phone; when it expires, in Unix seconds."""
    expires_at = at + PHONE_SESSION_SECONDS
    await SessionRow.create(
        token_hash=token_hash(token),
        audience=Audience.STUDENT,
        subject_id=card_id,
        phone_id=phone_id,
        opened_at=utc(at),
        expires_at=utc(expires_at),
    )
    return expires_at
