"""Keeps what a process holds in memory as fresh as the database, and tells its terminals."""

from __future__ import annotations

import asyncio
import logging

from backend.api.parts import Parts
from backend.tables.versions import VERSION_NAMES, Versions
from backend.usecases.terminals.watch_versions import event, watch_versions

log = logging.getLogger("xiaoma.following")

POLL_SECONDS = 4.0
"""How often versions are read again although nobody woke us: the bus may lose a wake-up."""
REVOCATION_POLL_SECONDS = 0.8
"""A revocation acts within a second in every process, with or without the bus."""
RETRY_SECONDS = 1.0


async def follow(parts: Parts) -> None:
    """Run until cancelled. Wake-ups only say "look"; what is true is read from the database."""
    changed, revoked = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for topic in VERSION_NAMES:
            group.create_task(_wake(parts, topic, changed))
        group.create_task(_wake(parts, "revoked", revoked))
        group.create_task(_versions(parts, changed))
        group.create_task(_revocations(parts, revoked))


async def _wake(parts: Parts, topic: str, happened: asyncio.Event) -> None:
    wake_ups = parts.bus.subscribe(topic)
    try:
        async for _ in wake_ups:
            happened.set()
    finally:
        await wake_ups.aclose()


async def _versions(parts: Parts, changed: asyncio.Event) -> None:
    told: Versions | None = None
    trying = 0
    while True:
        changed.clear()
        try:
            await parts.rules.refresh()
            await parts.keyrings.refresh()
            # who connects is told what is new by itself; here go only changes from now on
            told = await watch_versions(told, parts.documents, parts.events)
            trying = _tell_canary(parts, trying)
        except Exception:
            log.exception("versions: not read, trying again")
            await asyncio.sleep(RETRY_SECONDS)
            continue
        await _wait(changed, POLL_SECONDS)


def _tell_canary(parts: Parts, trying: int) -> int:
    """Wake the terminals that are to try other rules first, once; the version they try, or 0."""
    canary = parts.rules.canary
    if canary is None:
        return 0
    version = canary.bundle.version
    if version != trying:
        parts.events.tell_some(canary.terminal_ids, event("rules", {"version": version}))
    return version


async def _revocations(parts: Parts, revoked: asyncio.Event) -> None:
    while True:
        revoked.clear()
        try:
            for terminal_id in await parts.terminals.watch_revocations():
                parts.terminals.drop(terminal_id)
                parts.events.tell(terminal_id, event("revoked", {}))
            await parts.terminals.confirm()
        except Exception:
            log.exception("revocations: not read, trying again")
        await _wait(revoked, REVOCATION_POLL_SECONDS)


async def _wait(happened: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await happened.wait()
    except TimeoutError:
        log.debug("nobody woke us in %.1f s, looking anyway", seconds)
