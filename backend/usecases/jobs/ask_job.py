from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import NotFoundError
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.job import JOB_NAME_MAX, JobRow


async def ask_job(name: str, *, actor: Actor, at: int) -> None:
    """Have the worker run a job at its next turn, in seconds. NotFoundError: it has no such job."""
    async with transaction():
        known = len(name) <= JOB_NAME_MAX  # a longer one is not even asked for
        row = await JobRow.select_for_update().get_or_none(name=name) if known else None
        if row is None:
            raise NotFoundError("unknown_job", zh="没有这项任务。", en="There is no such job.")
        await JobRow.filter(name=name).update(asked_at=at, asked_by=actor.label)
        await note(actor.label, "jobs.run", f"job:{name}", at)
