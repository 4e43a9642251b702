"""Write down that a list left as a file."""

from __future__ import annotations

from collections.abc import Sequence

from backend.domain.access import Actor
from backend.tables.audit import note


async def note_export(
    what: str, rows: int, format_word: str, filters: Sequence[str], *, actor: Actor, at: int
) -> None:
    """Note who took how many rows of which list, and which filters were set; never their texts."""
    await note(
        actor.label,
        "exports.make",
        f"export:{what}",
        at,
        rows=rows,
        format=format_word,
        filters=sorted(filters),
    )
