"""The rules in force, held in memory."""

from __future__ import annotations

from backend.domain.errors import UnavailableError
from backend.tables.school import RulesRow
from campus_code.rules import RulesBundle, rules_from_json


class RulesBoard:
    """The newest published bundle, read again on a wake-up and at least every few seconds."""

    def __init__(self) -> None:
        self._bundle: RulesBundle | None = None
        self.version = 0
        self.body = b""

    async def refresh(self) -> bool:
        """Read the newest version from the database; True when it is another than before."""
        row = await RulesRow.all().order_by("-version").first()
        if row is None or row.version == self.version:
            return False
        body = row.body.encode()
        self._bundle = rules_from_json(body)
        self.body = body
        self.version = row.version
        return True

    @property
    def bundle(self) -> RulesBundle:
        """The bundle in force. Raises UnavailableError while none has been published."""
        if self._bundle is None:
            raise UnavailableError(
                "no_rules", zh="还没有发布规则。", en="No rules bundle has been published yet."
            )
        return self._bundle
