"""
How long this terminal has been running since its last sync, by a clock nobody can set.

The wall clock says how old the last sync is, but a wall clock can be turned back. So the seconds of
boot time are added up too, across restarts, in a mark of the journal. Whoever turns the clock back
at every start gets a lease of running time and no more.
"""

from __future__ import annotations

from typing import Final

from qr_terminals.journal import Journal

KEPT_EVERY_SECONDS: Final = 600
MARK: Final = "lease_run_seconds"


class Lease:
    """Used on the terminal's one thread."""

    def __init__(self, journal: Journal, boot_at: float) -> None:
        self._journal = journal
        self._before = journal.mark(MARK)
        self._began_at = self._kept_at = boot_at

    def run_seconds(self, boot_at: float) -> int:
        """Seconds it has run since its last sync; JournalError when they cannot be kept."""
        seconds = self._before + int(max(boot_at - self._began_at, 0))
        if boot_at - self._kept_at >= KEPT_EVERY_SECONDS:
            self._kept_at = boot_at
            self._journal.set_mark(MARK, seconds)
        return seconds

    def renew(self, boot_at: float) -> None:
        """A sync went through."""
        self._began_at = self._kept_at = boot_at
        self._before = 0
        if self._journal.mark(MARK):
            self._journal.set_mark(MARK, 0)
