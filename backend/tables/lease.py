"""Leases: who may do a thing that only one process may do at a time."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from backend.tables.school import LeaseRow

WORKER_LEASE = "worker"
"""The lease of whoever leads the schedule."""


async def take_lease(name: str, owner: str, at: int, seconds: int) -> bool:
    """Take or keep a lease until `at + seconds`; True when it is the owner's.

    One UPDATE compares and sets, so two that ask at once cannot both have it. A lease ends by
    itself: an owner that died without a word keeps nobody waiting for longer than `seconds`.
    """
    until = at + seconds
    mine_or_over = Q(owner=owner) | Q(until__lte=at)
    await LeaseRow.filter(mine_or_over, name=name).update(owner=owner, until=until)
    row = await LeaseRow.get_or_none(name=name)
    if row is None:
        try:
            row = await LeaseRow.create(name=name, owner=owner, until=until)
        except IntegrityError:  # somebody was first
            return False
    # the row itself says who won: MariaDB counts an UPDATE that changed nothing as 0 rows
    return bool(row.owner == owner and row.until > at)


async def give_up_lease(name: str, owner: str) -> None:
    """End the owner's lease, so that another may have it at once."""
    await LeaseRow.filter(name=name, owner=owner).update(until=0)
