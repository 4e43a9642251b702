"""What a terminal's readiness is measured from, gathered where it stands."""

from __future__ import annotations

from typing import NamedTuple

from qr_terminals.clock import TrustedClock
from qr_terminals.disk import free_bytes
from qr_terminals.holdings import Holdings
from qr_terminals.journal import Journal
from qr_terminals.readiness import SYNC_SECONDS_BAD, Condition


class Links(NamedTuple):
    """What only the terminal itself knows: its readers, and whether its journal takes writes."""

    readers: int
    readers_connected: int
    can_write: bool


def condition_of(
    journal: Journal, holdings: Holdings, clock: TrustedClock, links: Links
) -> Condition:
    """The condition of a terminal now; for every thread."""
    held, now = holdings.now, clock.rough()
    keys = held.keyring.keys if held.keyring is not None else ()
    tiers = held.rules.offline if held.rules is not None else ()
    synced_at = journal.mark("last_sync_at")
    return Condition(
        key_seconds=max((key.valid_until - now for key in keys), default=None),
        has_rules=held.rules is not None,
        sync_seconds=max(now - synced_at, 0),
        was_synced=synced_at > 0,
        sync_seconds_bad=max((one.sync_age_seconds_max for one in tiers), default=SYNC_SECONDS_BAD),
        clock=clock.source(),
        readers=links.readers,
        readers_connected=links.readers_connected,
        depth=journal.depth(),
        disk_bytes=free_bytes(holdings.home),
        faults=len(holdings.faults),
        can_write=links.can_write and journal.broken is None,
    )
