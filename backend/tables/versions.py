"""Version counters. Numbers are handed out under a row lock, so they commit in their order."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from backend.tables.card import DenialRow
from backend.tables.rollouts import version_in_force
from backend.tables.school import CounterRow
from backend.tables.terminal import TerminalRow

DIRECTORY = "directory"
DENYLIST = "denylist"
KEYRING = "keyring"
LIMITS = "limits"
CHIPS = "chips"
DOORS = "doors"


@dataclass(frozen=True, slots=True)
class Versions:
    """Where everything stands that terminals hold; 0: there is none yet."""

    rules: int = 0
    denylist: int = 0
    directory: int = 0
    keyring: int = 0
    limits: int = 0
    chips: int = 0
    doors: int = 0


VERSION_NAMES: Final = tuple(one.name for one in fields(Versions))
"""Each is a topic of the bus, a word on the wire, and a column `<name>_version` of a terminal."""


def held_by(terminal: TerminalRow) -> Versions:
    """What a terminal said it held at its last sync."""
    return Versions(*(getattr(terminal, f"{name}_version") for name in VERSION_NAMES))


async def read_versions() -> Versions:
    """What is in force at this moment, at every terminal that tries no rules first."""
    counters = {row.name: row.value for row in await CounterRow.all()}
    return Versions(
        await version_in_force(), *(counters.get(name, 0) for name in VERSION_NAMES[1:])
    )


async def next_version(name: str) -> int:
    """Raise a counter by one and answer it; call inside `transaction()`.

    The counter's row stays locked until the commit: whoever gets 5 commits before anybody gets
    6. Without that a terminal could be told "all up to 6" while 5 is not visible yet, and would
    never hear of 5. For the same reason DenialRow versions come from here, not from the database.
    """
    connection = CounterRow._meta.db  # noqa: SLF001 - the transaction's own connection
    raise_by_one = (
        "INSERT INTO counter (name, value) VALUES (?, 1)"
        " ON CONFLICT(name) DO UPDATE SET value = value + 1"
        if connection.capabilities.dialect == "sqlite"
        else "INSERT INTO counter (name, value) VALUES (%s, 1)"
        " ON DUPLICATE KEY UPDATE value = value + 1"
    )
    await connection.execute_query(raise_by_one, [name])
    row = await CounterRow.select_for_update().get(name=name)
    value: int = row.value
    return value


async def counter(name: str) -> int:
    """Where a counter stands; 0 when it never moved."""
    row = await CounterRow.get_or_none(name=name)
    return 0 if row is None else row.value


async def deny(
    card_number: str, issue: int | None, state: int, *, made_at: datetime, made_by: str
) -> int:
    """Append one line to the denylist and answer its version; call inside `transaction()`.

    `issue` None means every issue of the card; `state` ACTIVE lifts what was denied before.
    """
    version = await next_version(DENYLIST)
    await DenialRow.create(
        version=version,
        card_number=card_number,
        issue=issue,
        state=state,
        made_at=made_at,
        made_by=made_by,
    )
    return version
