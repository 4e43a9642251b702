from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.setting import require_setting
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.setting import SettingChangeRow, SettingRow
from backend.tables.versions import next_version

LOCK = "settings"
"""The counter whose row everybody who changes a setting waits for."""


@retried
async def change_setting(name: str, value: int, reason: str, *, actor: Actor, at: int) -> None:
    """Set a number; it acts from the next use on. The same value again changes nothing.

    Raises:
        NotFoundError: no such setting. InvalidInputError: out of its bounds.

    """
    setting = require_setting(name, value)
    async with transaction():
        await next_version(LOCK)
        row = await SettingRow.get_or_none(name=name)
        before = setting.default if row is None else row.value
        if before == value:
            return
        await SettingRow.update_or_create(name=name, defaults={"value": value})
        await SettingChangeRow.create(
            name=name,
            before=before,
            after=value,
            reason=reason,
            changed_by=actor.label,
            changed_at=at,
        )
        detail = {"before": before, "after": value, "reason": reason}
        await note(actor.label, "settings.set", f"setting:{name}", at, **detail)
