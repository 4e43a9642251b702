"""Recovery codes: found by a keyed hash, used once, replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from backend.tables.audit import note
from backend.tables.factor import RecoveryCodeRow


async def find_recovery(staff_id: int, code_hash: str) -> RecoveryCodeRow | None:
    """The unused code of this hash ("": none was typed); call it under the lock of his row."""
    if not code_hash:
        return None
    return await RecoveryCodeRow.get_or_none(staff_id=staff_id, code_hash=code_hash, used_at=0)


async def use_recovery(row: RecoveryCodeRow, staff_id: int, at: int) -> None:
    """It is used up; the trail says so."""
    await RecoveryCodeRow.filter(id=row.id).update(used_at=at)
    left = await RecoveryCodeRow.filter(staff_id=staff_id, used_at=0).count()
    label = f"staff:{staff_id}"
    await note(label, "staff.use_recovery", label, at, left=left)


async def replace_recovery(staff_id: int, hashes: Sequence[str], at: int) -> None:
    """These instead of all there were."""
    await RecoveryCodeRow.filter(staff_id=staff_id).delete()
    await RecoveryCodeRow.bulk_create(
        [RecoveryCodeRow(staff_id=staff_id, code_hash=one, made_at=at) for one in hashes]
    )
