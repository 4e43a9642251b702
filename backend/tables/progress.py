"""How far a long piece of work is that somebody waits for: told by whichever process is asked."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from backend.tables.retrying import retried

KEPT_SECONDS = 86_400
"""Nobody asks how far a thing was that was begun a day ago."""


class ProgressRow(Model):
    """`done` of `total` steps, named by a key of whoever waits. `ended_at` 0: it goes on.

    Work that ended without saying so (its process died) has an old `moved_at` and no `ended_at`.
    """

    id = fields.BigIntField(primary_key=True)
    watch_key = fields.CharField(max_length=64, unique=True)
    made_by = fields.CharField(max_length=64)
    done = fields.IntField(default=0)
    total = fields.IntField()
    began_at = fields.BigIntField(db_index=True)
    moved_at = fields.BigIntField()
    ended_at = fields.BigIntField(default=0)

    class Meta:
        """Table name."""

        table = "progress"


@retried
async def begin_progress(watch_key: str, made_by: str, total: int, at: int) -> None:
    """Write down that it begins; what is long over is forgotten. A known key begins anew."""
    await ProgressRow.filter(began_at__lt=at - KEPT_SECONDS).delete()
    begins = {"done": 0, "total": total, "began_at": at, "moved_at": at, "ended_at": 0}
    row, is_new = await ProgressRow.get_or_create(
        watch_key=watch_key, defaults={"made_by": made_by, **begins}
    )
    if not is_new and row.made_by == made_by:
        await ProgressRow.filter(id=row.id).update(**begins)


@retried
async def move_progress(watch_key: str, made_by: str, done: int, at: int, *, is_over: bool) -> None:
    """Write down how far it is, and whether that is the end of it."""
    await ProgressRow.filter(watch_key=watch_key, made_by=made_by).update(
        done=done, moved_at=at, ended_at=at if is_over else 0
    )
