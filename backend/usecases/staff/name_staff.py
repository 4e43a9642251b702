"""The names behind labels, for lists that say who did what."""

from __future__ import annotations

from collections.abc import Iterable

from backend.tables.staff_members import names_of


async def name_staff(labels: Iterable[str]) -> dict[str, str]:
    """Label (`staff:3`) → name, of those that are staff; one statement."""
    return await names_of(labels)
