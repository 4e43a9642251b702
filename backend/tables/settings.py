"""Reading and changing settings."""

from __future__ import annotations

from backend.domain.setting import SETTINGS
from backend.tables.setting import SettingRow


async def read_settings() -> dict[str, int]:
    """Every setting as it is now."""
    values = {name: setting.default for name, setting in SETTINGS.items()}
    values |= {row.name: row.value for row in await SettingRow.all() if row.name in SETTINGS}
    return values
