"""A door's contact with the server: its events up, then all that every terminal's contact does."""

from __future__ import annotations

from dataclasses import dataclass

from qr_terminals.doors.log import DoorLog
from qr_terminals.errors import JournalError, ServerError
from qr_terminals.sync import Contact, Synced


@dataclass(frozen=True, slots=True)
class DoorContact(Contact):
    """A contact that begins with the door's log. No failed upload keeps a freeze away."""

    log: DoorLog

    def make(self) -> Synced:
        """One contact; what failed first is raised after everything was tried."""
        failed: ServerError | JournalError | None = None
        try:
            self._upload_events()
        except (ServerError, JournalError) as error:
            failed = error
        synced = Contact.make(self)
        self.log.prune(self.clock.rough())
        if failed is not None:
            raise failed
        return synced

    def _upload_events(self) -> None:
        """
        Upload what waits, set by set. An empty set asks how far the server is: it may have been
        restored from a backup, and then holds less than it did.
        """
        while True:
            waiting = self.log.waiting()
            held = self.client.upload_door_events(
                {
                    "first_sequence": waiting.first,
                    "hash_before": waiting.hash_before.hex(),
                    "events": [body.decode() for body in waiting.bodies],
                }
            )
            self.log.answered(held.through, held.chain)
            if waiting.bodies and held.through < waiting.first:
                raise ServerError(
                    "服务器没有收下门记录。", "The server took none of the door's events."
                )
            if self.log.depth() == 0:
                return
