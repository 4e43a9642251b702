"""Ask that a cohort may leave: who, and from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, InvalidInputError
from backend.tables.audit import note
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.leaving import LeavingHolderRow, LeavingRow

HOLDERS_MAX: Final = 20_000
DAYS_MAX: Final = 366
ROWS_PER_STATEMENT: Final = 500


@dataclass(frozen=True, slots=True)
class LeavingAsked:
    """A cohort by the roster: a class, a department (with all below it), or numbers one by one.

    What is not said does not narrow; numbers stand for themselves.
    """

    request_key: str
    name: str
    opens_at: int
    closes_at: int
    class_id: int | None = None
    department: str = ""
    numbers: Sequence[str] = ()


async def ask_leaving(asked: LeavingAsked, actor: Actor, at: int) -> LeavingRow:
    """Put the cohort down as it is now; nothing opens until another person approves it.

    Raises:
        InvalidInputError: no cohort, nobody in it, an unknown number, or dates that are none.
        ConflictError: the request key was used for something else.

    """
    standing = await LeavingRow.get_or_none(request_key=asked.request_key)
    if standing is None:
        standing = await _put_down(asked, actor, at)
    said = (standing.name, standing.opens_at, standing.closes_at, standing.made_by)
    if said != (asked.name, asked.opens_at, asked.closes_at, actor.label):
        raise ConflictError(
            "key_used", zh="该请求编号已用于别的申请。", en="This key was used for another request."
        )
    return standing


async def _put_down(asked: LeavingAsked, actor: Actor, at: int) -> LeavingRow:
    if not at < asked.closes_at <= asked.opens_at + DAYS_MAX * 86_400:
        raise InvalidInputError(
            "closes_at", f"in the future, at most {DAYS_MAX} days after opens_at"
        )
    if asked.opens_at >= asked.closes_at:
        raise InvalidInputError("opens_at", "must be before closes_at")
    holder_ids = await _cohort(asked)
    async with transaction():
        made = await LeavingRow.create(
            request_key=asked.request_key,
            name=asked.name,
            opens_at=asked.opens_at,
            closes_at=asked.closes_at,
            holders=len(holder_ids),
            made_by=actor.label,
            made_at=at,
        )
        await LeavingHolderRow.bulk_create(
            [LeavingHolderRow(leaving_id=made.id, holder_id=one) for one in holder_ids],
            batch_size=ROWS_PER_STATEMENT,
        )
        await note(actor.label, "leavings.ask", f"leaving:{made.id}", at, holders=len(holder_ids))
    return made


async def _cohort(asked: LeavingAsked) -> list[int]:
    if asked.class_id is None and not asked.department and not asked.numbers:
        raise InvalidInputError("cohort", "name a class, a department or numbers")
    query = CardholderRow.all()
    if asked.class_id is not None:
        query = query.filter(class_id=asked.class_id)
    if asked.department:
        query = query.filter(department__startswith=asked.department)
    if asked.numbers:
        query = query.filter(number__in=list(asked.numbers))
    found: list[int] = (
        await query.order_by("id")
        .limit(HOLDERS_MAX + 1)
        .values_list(  # type: ignore[assignment]
            "id", flat=True
        )
    )
    if asked.numbers and len(found) != len(set(asked.numbers)):
        raise InvalidInputError("numbers", "one of them is nobody's, or not of that cohort")
    if not 0 < len(found) <= HOLDERS_MAX:
        raise InvalidInputError("cohort", f"must be 1 to {HOLDERS_MAX} people")
    return found
