"""Reading and extending the chain of the trail.

Lines are written in the transactions of what they tell of, which wait for nothing. So they are
sealed afterwards, by the worker, in the order in which it comes upon them; a line whose transaction
took long is sealed later than its neighbours and is not forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.sealing import Head
from backend.tables.sealing import AuditSealRow
from backend.tables.staff import AuditRow

LATE_IDS = 20_000
"""How far behind the newest sealed line an unsealed one is looked for at each run; verifying looks
at all of them."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal with the line it is for; None: somebody took the line away."""

    number: int
    audit_id: int
    hash: str
    line: AuditRow | None


async def read_head() -> Head:
    """The newest seal."""
    row = await AuditSealRow.all().order_by("-number").first()
    return Head() if row is None else Head(row.number, row.hash)


async def head_at(number: int) -> Head | None:
    """The seal of this number; the beginning for 0."""
    if number == 0:
        return Head()
    row = await AuditSealRow.get_or_none(number=number)
    return None if row is None else Head(row.number, row.hash)


async def unsealed(lines_max: int, *, everywhere: bool = False) -> list[AuditRow]:
    """Lines without a seal, oldest first: near the end of the trail, or in the whole of it."""
    newest = await AuditSealRow.all().order_by("-audit_id").first()
    after_id = 0 if newest is None or everywhere else newest.audit_id - LATE_IDS
    return await _unsealed_after(after_id, lines_max)


async def _unsealed_after(after_id: int, lines_max: int) -> list[AuditRow]:
    missing = (
        "SELECT a.* FROM audit a LEFT JOIN audit_seal s ON s.audit_id=a.id"  # noqa: S608 - ints only
        f" WHERE s.audit_id IS NULL AND a.id>{int(after_id)} ORDER BY a.id LIMIT {int(lines_max)}"
    )
    rows: list[AuditRow] = list(await AuditRow.raw(missing))
    return rows


async def read_sealed(after: int, seals_max: int) -> list[Sealed]:
    """The seals after one, by number, each with its line."""
    seals = await AuditSealRow.filter(number__gt=after).order_by("number").limit(seals_max)
    lines = await _lines([seal.audit_id for seal in seals])
    return [
        Sealed(seal.number, seal.audit_id, seal.hash, lines.get(seal.audit_id)) for seal in seals
    ]


async def _lines(audit_ids: Sequence[int]) -> dict[int, AuditRow]:
    if not audit_ids:
        return {}
    rows = await AuditRow.filter(id__gte=min(audit_ids), id__lte=max(audit_ids))
    wanted = set(audit_ids)
    return {row.id: row for row in rows if row.id in wanted}
