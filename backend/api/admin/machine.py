"""The machine room: how database, bus, worker and disk are, what waits, jobs and messages."""

from __future__ import annotations

import platform
import shutil
import time
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import answer, read_query
from backend.api.told import At
from backend.config import Config
from backend.tables.job import JobRow
from backend.tables.lease import WORKER_LEASE
from backend.tables.machine import database_words, latest_migration
from backend.tables.message import OutboxRow
from backend.tables.queues import read_queues
from backend.tables.school import LeaseRow
from backend.usecases.jobs.ask_job import ask_job

routes = Blueprint("admin_machine")


class DatabaseTold(TypedDict):
    """The database: which it is, how long it took to answer, and its newest migration."""

    engine: str
    version: str
    answered_ms: int
    migration: str


class WorkerTold(TypedDict):
    """Who leads the schedule; `leads` false: nobody does, nothing happens by the clock."""

    leads: bool
    owner: str
    until: At | None


class DiskTold(TypedDict):
    """Where the keys (and a SQLite database) lie."""

    free_bytes: int
    whole_bytes: int


class QueueTold(TypedDict):
    """What waits, and since when the oldest does."""

    name: str
    waiting: int
    oldest_at: At | None


class JobTold(TypedDict):
    """How a job of the worker went last; a fault stays to be read after it went well again."""

    name: str
    every_seconds: float
    ran_at: At | None
    took_ms: int
    told: str
    fault: str
    failed_at: At | None
    failures: int
    is_asked: bool


class MachineTold(TypedDict):
    """How everything is."""

    at: At
    database: DatabaseTold
    is_bus_well: bool
    worker: WorkerTold
    disk: DiskTold
    queues: list[QueueTold]
    python: str
    connected_terminals: int


class JobsTold(TypedDict):
    """Every job the worker ran since it was installed."""

    jobs: list[JobTold]


class OutboxQuery(PageShape):
    """Messages in a state, or all ("")."""

    state: Literal["", "waiting", "sent", "refused", "dropped"] = ""
    channel: Annotated[str, Field(max_length=8)] = ""


class OutboxMessageTold(TypedDict):
    """A message: what it is about, which way it goes, how far it is. Neither words nor whom for."""

    message_id: int
    topic: str
    template: str
    channel: str
    state: str
    fault: str
    tries: int
    made_at: At
    due_at: At
    done_at: At | None


class OutboxTold(TypedDict):
    """A page, newest first."""

    messages: list[OutboxMessageTold]
    next: str | None


@routes.get("/health")
@for_staff("health.read")
@described(MachineTold)
async def show_machine(request: Request) -> HTTPResponse:
    """How everything is, this moment."""
    parts = parts_of(request)
    at, began = int(parts.clock()), time.monotonic()
    engine, version = await database_words()
    answered_ms = int((time.monotonic() - began) * 1000)
    lease = await LeaseRow.get_or_none(name=WORKER_LEASE)
    leads = lease is not None and lease.until > at
    disk = shutil.disk_usage(_data_folder(parts.config))
    body: MachineTold = {
        "at": at,
        "database": {
            "engine": engine,
            "version": version,
            "answered_ms": answered_ms,
            "migration": await latest_migration(),
        },
        "is_bus_well": await parts.bus.is_well(),
        "worker": {
            "leads": leads,
            "owner": lease.owner if lease is not None else "",
            "until": lease.until if lease is not None and lease.until else None,
        },
        "disk": {"free_bytes": disk.free, "whole_bytes": disk.total},
        "queues": [
            {"name": one.name, "waiting": one.waiting, "oldest_at": one.oldest_at or None}
            for one in await read_queues()
        ],
        "python": platform.python_version(),
        "connected_terminals": len(parts.events),
    }
    return answer(body)


@routes.get("/jobs")
@for_staff("health.read")
@described(JobsTold)
async def list_jobs(_request: Request) -> HTTPResponse:
    """What happens by the clock, and how it went last."""
    body: JobsTold = {
        "jobs": [
            {
                "name": row.name,
                "every_seconds": row.every_seconds,
                "ran_at": row.ran_at or None,
                "took_ms": row.took_ms,
                "told": row.told,
                "fault": row.fault,
                "failed_at": row.failed_at or None,
                "failures": row.failures,
                "is_asked": row.asked_at > 0,
            }
            for row in await JobRow.all().order_by("name")
        ]
    }
    return answer(body)


@routes.post("/jobs/<name:str>/runs")
@for_staff("jobs.run")
@described(NothingTold, status=202)
async def run_job(request: Request, name: str) -> HTTPResponse:
    """202: the worker runs it at its next turn, in seconds; every job may run twice."""
    at = int(parts_of(request).clock())
    await ask_job(unquote(name), actor=actor_of(request), at=at)
    return answer({}, 202)


@routes.get("/outbox")
@for_staff("messages.read")
@described(OutboxTold, query=OutboxQuery)
async def list_outbox(request: Request) -> HTTPResponse:
    """Messages, newest first; a dropped one is tried again at /admin/dead-letters."""
    return answer(await outbox_page(request, read_query(request, OutboxQuery)))


async def outbox_page(_request: Request, query: OutboxQuery) -> OutboxTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = OutboxRow.all()
    if query.state:
        rows = rows.filter(state=query.state)
    if query.channel:
        rows = rows.filter(channel=query.channel)
    if after:
        rows = rows.filter(id__lt=after[0])
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    body: OutboxTold = {
        "messages": [
            {
                "message_id": row.id,
                "topic": row.topic,
                "template": row.template,
                "channel": row.channel,
                "state": row.state,
                "fault": row.fault,
                "tries": row.tries,
                "made_at": row.made_at,
                "due_at": row.due_at,
                "done_at": row.done_at or None,
            }
            for row in shown
        ],
        "next": following,
    }
    return body


def _data_folder(config: Config) -> Path:
    """Where what must not be lost lies."""
    if config.database.engine == "sqlite":
        return Path(config.database.path).resolve().parent
    return Path(config.key_file).resolve().parent
