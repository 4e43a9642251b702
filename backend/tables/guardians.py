"""Guardians and what they are tied to: WeChat accounts, children, codes, looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from backend.domain.access import Audience
from backend.domain.card import unknown_cardholder
from backend.domain.errors import NotFoundError
from backend.domain.guardian import (
    CODE_SECONDS,
    LOOK_SECONDS,
    SESSION_SECONDS,
    GuardianView,
    Look,
    require_room,
    what_is_seen,
)
from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.guardian import GuardianCodeRow, GuardianRow, GuardianshipRow
from backend.tables.staff import AuditRow, SessionRow
from campus_code.directory import CardState


@dataclass(frozen=True, slots=True)
class GuardianSession:
    """A guardian's new session, shown once; `expires_at` is Unix seconds."""

    session: str = field(repr=False)
    expires_at: int


async def lock_holder(holder_id: int) -> CardholderRow:
    """Lock a cardholder's row for this transaction. Raises NotFoundError."""
    row = await CardholderRow.select_for_update().get_or_none(id=holder_id)
    if row is None:
        raise unknown_cardholder()
    return row


async def require_child(guardian_id: int, holder_id: int) -> GuardianshipRow:
    """The tie between a guardian and a child of his. Raises NotFoundError for anybody else's."""
    tie = await GuardianshipRow.get_or_none(
        guardian_id=guardian_id, holder_id=holder_id, ended_at=None
    )
    if tie is None:
        raise NotFoundError(
            "unknown_child", zh="您没有绑定这位持卡人", en="You do not look after this cardholder"
        )
    return tie


async def newest_card(holder_id: int) -> CardRow | None:
    """The card a holder uses: the one opened last of those that are not closed."""
    cards = CardRow.filter(holder_id=holder_id).exclude(state=CardState.CLOSED)
    return await cards.order_by("-id").first()


async def is_adult(holder_id: int) -> bool:
    """Whether a cardholder is of age."""
    row = await CardholderRow.get(id=holder_id)
    return bool(row.is_adult)


async def guardians_of(holder: CardholderRow) -> tuple[GuardianView, ...]:
    """A holder's guardians and what each of them sees, oldest first."""
    ties = await GuardianshipRow.filter(holder_id=holder.id, ended_at=None).order_by("id")
    return tuple(
        GuardianView(
            guardian_id=tie.guardian_id,
            name=tie.name,
            since=int(tie.bound_at.timestamp()),
            sees=what_is_seen(tie.sees, is_adult=holder.is_adult),
        )
        for tie in ties
    )


async def add_code(holder_id: int, code: str, made_by: str, at: int) -> int:
    """Keep the one live code of a holder, those before it are worth nothing; when it expires."""
    expires_at = at + CODE_SECONDS
    unused = GuardianCodeRow.filter(holder_id=holder_id, used_at=None, expires_at__gt=utc(at))
    await unused.update(expires_at=utc(at))
    await GuardianCodeRow.create(
        holder_id=holder_id,
        code_hash=token_hash(code),
        made_by=made_by,
        created_at=utc(at),
        expires_at=utc(expires_at),
    )
    await note(made_by, "guardians.invite", f"cardholder:{holder_id}", at, expires_at=expires_at)
    return expires_at


async def guardian_of(wechat_id: int, at: int) -> int:
    """The guardian with this WeChat account, made when there is none; in a transaction."""
    row = await GuardianRow.select_for_update().get_or_none(wechat_id=wechat_id)
    if row is None:
        row = await GuardianRow.create(wechat_id=wechat_id, created_at=utc(at))
    guardian_id: int = row.id
    return guardian_id


async def tie(guardian_id: int, holder_id: int, name: str, at: int) -> None:
    """Make somebody a guardian of a holder, under the holder's lock; again only renames him.

    Raises ConflictError when there are enough already.
    """
    row = await GuardianshipRow.get_or_none(guardian_id=guardian_id, holder_id=holder_id)
    if row is not None and row.ended_at is None:
        await GuardianshipRow.filter(id=row.id).update(name=name)
        return
    require_room(
        guardians=await GuardianshipRow.filter(holder_id=holder_id, ended_at=None).count(),
        children=await GuardianshipRow.filter(guardian_id=guardian_id, ended_at=None).count(),
    )
    if row is None:
        await GuardianshipRow.create(
            guardian_id=guardian_id, holder_id=holder_id, name=name, bound_at=utc(at)
        )
    else:  # what he was once shown was shown to him then
        await GuardianshipRow.filter(id=row.id).update(
            name=name, sees="", bound_at=utc(at), ended_at=None
        )
    by = f"{Audience.GUARDIAN}:{guardian_id}"
    await note(by, "guardians.bind", f"cardholder:{holder_id}", at)


async def open_session(guardian_id: int, token: str, at: int) -> GuardianSession:
    """Open a session of a guardian."""
    expires_at = at + SESSION_SECONDS
    await SessionRow.create(
        token_hash=token_hash(token),
        audience=Audience.GUARDIAN,
        subject_id=guardian_id,
        opened_at=utc(at),
        expires_at=utc(expires_at),
    )
    return GuardianSession(token, expires_at)


async def note_look(guardian_id: int, holder_id: int, look: Look, at: int) -> None:
    """Leave a line in the holder's trail, one an hour and kind."""
    actor, subject = f"{Audience.GUARDIAN}:{guardian_id}", f"cardholder:{holder_id}"
    since = utc(at) - timedelta(seconds=LOOK_SECONDS)
    seen = AuditRow.filter(subject=subject, actor=actor, verb=look, at__gt=since)
    if await seen.exists():
        return
    async with transaction():
        # two looks at once wait for each other here
        await GuardianshipRow.select_for_update().get(guardian_id=guardian_id, holder_id=holder_id)
        if not await seen.exists():
            await note(actor, look, subject, at)
