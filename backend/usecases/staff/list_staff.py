from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Role
from backend.tables.staff import StaffRow


@dataclass(frozen=True, slots=True)
class StaffView:
    """A member of staff, without secrets."""

    id: int
    login: str
    name: str
    role: Role
    merchant_id: int | None
    is_active: bool


async def list_staff() -> list[StaffView]:
    """Everybody who works here or did."""
    return [
        StaffView(row.id, row.login, row.name, Role(row.role), row.merchant_id, row.is_active)
        for row in await StaffRow.all().order_by("id")
    ]
