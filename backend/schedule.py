"""What happens by the clock: jobs one after the other, by whoever holds the lease.

How each of them went is kept in the table of jobs; what somebody wants to run now is read there.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from backend.tables.jobs import JobRun, keep_runs, take_asked
from backend.tables.lease import WORKER_LEASE, give_up_lease, take_lease

log = logging.getLogger("xiaoma.worker")

LEASE_SECONDS = 30
RENEW_SECONDS = 5.0
TICK_SECONDS = 0.5
RETRY_SECONDS = 30.0
"""After how long a job that failed is tried again, if it is not due sooner anyway."""


class Timed(Protocol):
    """What a schedule needs of the parts its jobs are given."""

    @property
    def clock(self) -> Callable[[], float]:
        """Unix seconds."""

    @property
    def stopping(self) -> asyncio.Event:
        """Set when the process is to end."""


P = TypeVar("P", bound=Timed)


@dataclass(frozen=True, slots=True)
class Job(Generic[P]):
    """Something done every so often; what it answers goes into its log line."""

    name: str
    every_seconds: float
    run: Callable[[P], Awaitable[object]]


class Schedule(Generic[P]):
    """Runs what is due, one after the other, while this process leads."""

    def __init__(self, parts: P, jobs: Sequence[Job[P]], owner: str) -> None:
        self._parts = parts
        self._jobs = jobs
        self._owner = owner
        self._due_at = dict.fromkeys((job.name for job in jobs), 0.0)
        self._leads_until = 0.0
        self._runs: dict[str, JobRun] = {}

    @property
    def leads(self) -> bool:
        """Whether the lease is this process's at this moment."""
        return self._parts.clock() < self._leads_until

    async def run(self) -> None:
        """Run until `stopping`; then the lease is given up, so that another goes on at once."""
        renewing = asyncio.create_task(self._renew())
        try:
            while not self._parts.stopping.is_set():
                await self.run_due()
                await _wait(self._parts.stopping, TICK_SECONDS)
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            if self.leads:
                await give_up_lease(WORKER_LEASE, self._owner)

    async def run_due(self) -> None:
        """Run each job whose time has come, if this process leads."""
        for job in self._jobs:
            if not self.leads or self._parts.stopping.is_set():
                return
            if self._parts.clock() >= self._due_at[job.name]:
                await self._run(job)

    async def renew(self) -> None:
        """Take or keep the lease."""
        at = self._parts.clock()
        has_it = await take_lease(WORKER_LEASE, self._owner, int(at), LEASE_SECONDS)
        if has_it and not self.leads:
            log.info("%s leads", self._owner)
        self._leads_until = int(at) + LEASE_SECONDS if has_it else 0.0

    async def report(self) -> None:
        """Keep how the jobs went since the last time, and make due what somebody wants now."""
        runs, self._runs = self._runs, {}
        await keep_runs(runs.values())
        for name in await take_asked():
            if name in self._due_at:
                self._due_at[name] = 0.0

    async def _run(self, job: Job[P]) -> None:
        began = time.monotonic()
        try:
            told = await job.run(self._parts)
        except Exception as error:
            log.exception("%s: failed, will be tried again", job.name)
            self._note(job, began, "", fault=f"{type(error).__name__}: {error}")
            self._due_at[job.name] = self._parts.clock() + min(RETRY_SECONDS, job.every_seconds)
            return
        log.info("%s: %s (%.0f ms)", job.name, told, (time.monotonic() - began) * 1000)
        self._note(job, began, str(told))
        self._due_at[job.name] = self._parts.clock() + job.every_seconds

    def _note(self, job: Job[P], began: float, told: str, fault: str = "") -> None:
        before = self._runs.get(job.name)
        failures = (before.failures if before else 0) + bool(fault)
        self._runs[job.name] = JobRun(
            name=job.name,
            every_seconds=job.every_seconds,
            ran_at=int(self._parts.clock()),
            took_ms=int((time.monotonic() - began) * 1000),
            told=told,
            fault=fault or (before.fault if before else ""),
            failures=failures,
        )

    async def _renew(self) -> None:
        while True:
            try:
                await self.renew()
                if self.leads:
                    await self.report()
            except Exception:
                log.exception("the lease could not be renewed, trying again")
            await asyncio.sleep(RENEW_SECONDS)


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
