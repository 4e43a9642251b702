"""Keeping how the worker's jobs went, and taking what somebody asks it to run now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend.tables.job import JobRow
from backend.tables.retrying import retried

WORDS_MAX = 200
"""What is kept of a job's own words, or of its fault."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """What was seen of a job since it was kept last; `failures` and `fault` are of that time."""

    name: str
    every_seconds: float
    ran_at: int
    took_ms: int
    told: str
    fault: str
    failures: int


@retried
async def keep_runs(runs: Iterable[JobRun]) -> None:
    """Keep them; a fault stays to be read after the job went well again."""
    for run in runs:
        row, _ = await JobRow.get_or_create(
            name=run.name, defaults={"every_seconds": run.every_seconds}
        )
        row.every_seconds, row.ran_at, row.took_ms = run.every_seconds, run.ran_at, run.took_ms
        row.told = run.told[:WORDS_MAX]
        fields = ["every_seconds", "ran_at", "took_ms", "told"]
        if run.failures:
            row.fault, row.failed_at = run.fault[:WORDS_MAX], run.ran_at
            row.failures += run.failures
            fields += ["fault", "failed_at", "failures"]
        await row.save(update_fields=fields)


@retried
async def take_asked() -> list[str]:
    """The jobs somebody wants to run now; each is answered once."""
    rows = await JobRow.filter(asked_at__gt=0)
    for row in rows:
        await JobRow.filter(name=row.name, asked_at=row.asked_at).update(asked_at=0)
    return [row.name for row in rows]
