"""Close a business day, once: a person's word, with what he saw kept beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from tortoise.exceptions import IntegrityError

from backend.domain.access import Actor
from backend.domain.day_close import DayPicture, require_closable
from backend.domain.errors import ConflictError
from backend.domain.report import begin_of, day_after
from backend.domain.visit import HALL
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.day_books import read_picture
from backend.tables.remittance import DayCloseRow
from campus_code import RulesBundle


@dataclass(frozen=True, slots=True)
class CloseAsked:
    """Which day, how many missing terminals the person was shown, and why it may be closed."""

    business_on: int
    missing: int
    reason: str


async def close_day(asked: CloseAsked, rules: RulesBundle, actor: Actor, at: int) -> DayCloseRow:
    """Close it; the database itself keeps it at one close a day.

    Raises:
        InvalidInputError: there is no such day.
        ConflictError: it is not over, was closed before, does not balance, or the picture changed.

    """
    offset, starts = rules.utc_offset_seconds, rules.day_starts_minute
    begins_at = begin_of(asked.business_on, offset, starts)
    ends_at = begin_of(day_after(asked.business_on), offset, starts)
    hall = frozenset(group.id for group in rules.groups.values() if group.kind == HALL)
    if await DayCloseRow.exists(business_on=asked.business_on):
        raise _closed_already()
    picture = await read_picture(asked.business_on, begins_at, ends_at, hall)
    require_closable(picture, at, asked.missing)
    try:
        async with transaction():
            row = await DayCloseRow.create(
                business_on=asked.business_on,
                closed_by=actor.label,
                closed_at=at,
                reason=asked.reason,
                payments=picture.payments,
                charged_fen=picture.charged_fen,
                debit_fen=picture.debit_fen,
                credit_fen=picture.credit_fen,
                missing=len(picture.missing),
                picture=_kept(picture),
            )
            subject, detail = f"day:{asked.business_on}", {"missing": len(picture.missing)}
            await note(actor.label, "days.close", subject, at, reason=asked.reason, **detail)
    except IntegrityError:
        raise _closed_already() from None
    return row


def _kept(picture: DayPicture) -> dict[str, object]:
    return {
        "missing": [asdict(one) for one in picture.missing],
        "drawers": [asdict(one) for one in picture.drawers],
        "suspense_fen": picture.suspense_fen,
        "suspense_items": picture.suspense_items,
        "quarantined": picture.quarantined,
        "unsettled": picture.unsettled,
        "accounts": picture.accounts,
    }


def _closed_already() -> ConflictError:
    return ConflictError(
        "closed_already", zh="该营业日已经日结。", en="This business day is closed already."
    )
