"""Keeps what a process holds in memory as fresh as the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from backend.api.parts import Parts

log = logging.getLogger("xiaoma.following")

POLL_SECONDS = 4.0
"""How often versions are read again although nobody woke us: the bus may lose a wake-up."""
REVOCATION_POLL_SECONDS = 0.8
RETRY_SECONDS = 1.0


async def follow(parts: Parts) -> None:
    """Run until cancelled; the first reading has been done when the first request comes."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_on_topic(parts, "rules", parts.rules.refresh))
        group.create_task(_on_topic(parts, "epochs", parts.keyrings.refresh))
        group.create_task(_revocations(parts))
        group.create_task(_poll_revocations(parts))


async def _on_topic(parts: Parts, topic: str, refresh: Callable[[], Awaitable[object]]) -> None:
    wake_ups = parts.bus.subscribe(topic)
    try:
        while True:
            try:
                await refresh()
            except Exception:
                log.exception("%s: not refreshed, trying again", topic)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await anext(wake_ups, None)
            except TimeoutError:
                log.debug("%s: no wake-up, reading again", topic)
    finally:
        await wake_ups.aclose()


async def _revocations(parts: Parts) -> None:
    async for payload in parts.bus.subscribe("revoked"):
        terminal_id = payload.get("terminal_id")
        if isinstance(terminal_id, int):
            parts.terminals.drop(terminal_id)


async def _poll_revocations(parts: Parts) -> None:
    while True:
        try:
            await parts.terminals.watch_revocations()
        except Exception:
            log.exception("revocations: not read, trying again")
        await asyncio.sleep(REVOCATION_POLL_SECONDS)
