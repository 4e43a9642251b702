"""How far the lanes of the books go, and what somebody who keeps marks has yet to read of them.

Ids of a lane are committed in their order, so whoever has read through one has missed nothing
before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from backend.tables import sql
from backend.tables.account import LaneRow
from backend.tables.database import transaction
from backend.tables.ledger import LANE_BITS
from backend.tables.message import MessageMarkRow
from backend.tables.outbox import lock_noting

PARTS_MAX: Final = 20
"""Parts that one run of a watcher reads: the other jobs of the worker wait for it."""
_LANE_SIZE = 1 << LANE_BITS
_OWN = f"l.id>=lane.id*{_LANE_SIZE} AND l.id<(lane.id+1)*{_LANE_SIZE}"
"""The links of a lane, found by their own ids: nothing else of the table is read."""


class Part(NamedTuple):
    """A stretch of a lane to be read at once, and the mark that moves over it."""

    mark: str
    after_id: int
    through_id: int


async def unread(marks: Mapping[int, int]) -> list[tuple[int, int, int]]:
    """Lanes that moved: (lane, id after which to read, id through which everything stands).

    `marks` says through which id each lane was read; one without is read from its beginning.
    """
    newest = sql.select("l.last_id", "link l", _OWN, " ORDER BY l.id DESC LIMIT 1")
    columns = f"lane.id AS lane_id,({newest}) AS last_id"
    found = []
    for row in await rows_of(sql.select(columns, "lane", "1=1", " ORDER BY lane.id")):
        after_id = marks.get(row["lane_id"], row["lane_id"] << LANE_BITS)
        if row["last_id"] is not None and row["last_id"] > after_id:
            found.append((row["lane_id"], after_id, row["last_id"]))
    return found


async def parts_behind(marked: str, ids_at_once: int) -> list[Part]:
    """What a watcher reads in one run; its marks are `<marked><lane>`."""
    rows = await MessageMarkRow.filter(name__startswith=marked)
    marks = {int(row.name.removeprefix(marked)): row.value for row in rows}
    return [
        Part(f"{marked}{lane_id}", begin, min(begin + ids_at_once, last_id))
        for lane_id, after_id, last_id in await unread(marks)
        for begin in range(after_id, last_id, ids_at_once)[:PARTS_MAX]
    ][:PARTS_MAX]


async def move_mark(part: Part) -> bool:
    """Move the mark over what was read; not when another worker was here. In a transaction."""
    name, after_id, through_id = part
    mark, is_new = await MessageMarkRow.get_or_create(name=name, defaults={"value": through_id})
    if is_new:
        return True
    if mark.value > after_id:  # another worker was here
        return False
    await MessageMarkRow.filter(name=name).update(value=through_id)
    return True


async def begin_marks(marked: str, since_at: int) -> None:
    """Let a watcher that never ran begin with what was posted since then, in every lane.

    The past of a school that had no such watcher is not told to it as if it happened now.
    """
    if await MessageMarkRow.exists(name__startswith=marked):
        return
    before = f"{_OWN} AND l.posted_at<{int(since_at)}"
    newest = sql.select("l.last_id", "link l", before, " ORDER BY l.id DESC LIMIT 1")
    rows = await rows_of(sql.select(f"lane.id AS lane_id,({newest}) AS last_id", "lane", "1=1"))
    async with transaction():
        await lock_noting()
        for row in rows:
            value = row["last_id"] or row["lane_id"] << LANE_BITS
            await MessageMarkRow.get_or_create(
                name=f"{marked}{row['lane_id']}", defaults={"value": value}
            )


async def rows_of(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT, in the open transaction or outside one.

    Only numbers and words of our own may have come into it.
    """
    connection = LaneRow._meta.db  # noqa: SLF001 - the transaction's own connection
    return list(await connection.execute_query_dict(statement))
