"""The rules in force, held in memory."""

from __future__ import annotations

from dataclasses import replace

from backend.domain.errors import UnavailableError
from backend.domain.rollout import Canary
from backend.tables.rollouts import rules_in_force, running_rollout
from backend.tables.school import RulesRow
from backend.tables.versions import Versions, read_versions
from campus_code.rules import RulesBundle, rules_from_json


class RulesBoard:
    """The bundle in force, read again on a wake-up and at least every few seconds.

    `canary` is there while a few terminals hold another one first.
    """

    def __init__(self) -> None:
        self._bundle: RulesBundle | None = None
        self.version = 0
        self.body = b""
        self.canary: Canary | None = None

    async def refresh(self) -> bool:
        """Read what is in force from the database; True when it is another than before.

        The trial is read first: one that ends in between is seen with the version it left.
        """
        is_other = await self._refresh_canary()
        row = await rules_in_force()
        if row is None or row.version == self.version:
            return is_other
        body = row.body.encode()
        self._bundle = rules_from_json(body)
        self.body = body
        self.version = row.version
        return True

    async def _refresh_canary(self) -> bool:
        running = await running_rollout()
        before = self.canary
        if running is None:
            self.canary = None
            return before is not None
        if before is not None and before.bundle.version == running.version:
            return False
        row = await RulesRow.get(version=running.version)
        bundle = rules_from_json(row.body.encode())
        self.canary = Canary(bundle, frozenset(running.terminal_ids))
        return True

    @property
    def bundle(self) -> RulesBundle:
        """The bundle in force. Raises UnavailableError while none has been published."""
        if self._bundle is None:
            raise UnavailableError(
                "no_rules", zh="还没有发布规则。", en="No rules bundle has been published yet."
            )
        return self._bundle

    async def versions_at(self, terminal_id: int) -> Versions:
        """What one terminal is to hold at this moment."""
        now = await read_versions()
        if self.canary is None:
            return now
        # it may have ended a moment ago: then what is in force is newer
        version = self.canary.version_for(terminal_id, now.rules)
        return replace(now, rules=max(now.rules, version))

    def bundle_at(self, terminal_id: int) -> RulesBundle:
        """The bundle in force at one terminal."""
        if self.canary is not None and terminal_id in self.canary.terminal_ids:
            return self.canary.bundle
        return self.bundle
