"""How long what waits has been waiting: one line a queue."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.message import Delivery
from backend.tables.message import OutboxRow
from backend.tables.seals import unsealed
from backend.tables.sql import select

COUNT_MAX = 10_000
"""A queue longer than this is told as this long."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: how many wait, and since when the oldest does (Unix seconds, 0: none)."""

    name: str
    waiting: int
    oldest_at: int


async def read_queues() -> list[Queue]:
    """What waits for the worker, and what waits for a person."""
    waiting = f"state='{Delivery.WAITING.value}'"
    sums = [
        ("outbox", select("COUNT(*) AS n,MIN(made_at) AS oldest", "outbox", waiting)),
        (
            "refunds",
            select(
                "COUNT(*) AS n,MIN(made_at) AS oldest",
                "refund",
                "state IN ('asked','booked','processing')",
            ),
        ),
        (
            "corrections",
            select("COUNT(*) AS n,MIN(made_at) AS oldest", "correction_request", "decision=''"),
        ),
        (
            "disputes",
            select("COUNT(*) AS n,MIN(opened_at) AS oldest", "dispute", "decision=''"),
        ),
        (
            "quarantine",
            select(
                "COUNT(*) AS n,MIN(received_at) AS oldest",
                "quarantine",
                "resolved_at=0",
            ),
        ),
    ]
    connection = OutboxRow._meta.db  # noqa: SLF001 - sums have no row class
    found = []
    for name, text in sums:
        _, ((row),) = await connection.execute_query(text)
        found.append(Queue(name, int(row["n"]), int(row["oldest"] or 0)))
    lines = await unsealed(COUNT_MAX)
    oldest = int(lines[0].at.timestamp()) if lines else 0
    return [*found, Queue("unsealed", len(lines), oldest)]
