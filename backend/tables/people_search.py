"""Finding people among a hundred thousand: a statement per meaning of the words, each by an index.

One statement with OR between number, name, card and phone would make the database read everybody;
so each meaning is asked by itself, for a page at most, and the pages are put together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from backend.domain.people_search import By, Membership, PeopleWanted, PersonLine, folded, meanings
from backend.tables import sql
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from campus_code import CardState

NO_CARD: Final = "none"
_ABOVE_ALL: Final = "\U0010ffff"
_COLUMNS: Final = "h.id,h.number,h.name,h.department,h.class_id,h.is_active"

Condition = tuple[str, list[Any]]


async def find_people(wanted: PeopleWanted, after: str, lines_max: int) -> list[PersonLine]:
    """The first people after a school number ("" from the first), in the order of their numbers."""
    narrowed = _narrowed(wanted)
    found: dict[int, dict[str, Any]] = {}
    for condition in _meant(wanted.text):
        where = " AND ".join((condition[0], narrowed[0], "h.number > %s"))
        values = [*condition[1], *narrowed[1], after]
        tail = f" ORDER BY h.number LIMIT {int(lines_max)}"
        for row in await _execute(sql.select(_COLUMNS, "cardholder h", where, tail), values):
            found[row["id"]] = row
    rows = sorted(found.values(), key=lambda row: str(row["number"]))[:lines_max]
    cards = await _newest_cards([row["id"] for row in rows])
    return [
        PersonLine(
            id=row["id"],
            number=row["number"],
            name=row["name"],
            department=row["department"],
            class_id=row["class_id"],
            is_active=bool(row["is_active"]),
            cards=len(cards[row["id"]]),
            card=cards[row["id"]][-1] if cards[row["id"]] else NO_CARD,
        )
        for row in rows
    ]


async def count_people(wanted: PeopleWanted) -> int:
    """How many people it finds, each once."""
    narrowed = _narrowed(wanted)
    parts: list[str] = []
    values: list[Any] = []
    for condition in _meant(wanted.text):
        parts.append(sql.select("h.id", "cardholder h", f"{condition[0]} AND {narrowed[0]}"))
        values += [*condition[1], *narrowed[1]]
    found = sql.select("COUNT(*) AS found", f"({' UNION '.join(parts)}) x", "1=1")
    (row,) = await _execute(found, values)
    return int(row["found"])


def _meant(text: str) -> list[Condition]:
    """A condition for each thing the text can be; one that finds everybody for none."""
    text = folded(text)
    conditions = {
        By.NUMBER: _begins("h.number", text.upper()),
        By.NAME: _begins("h.name", text),
        By.CARD: ("h.id IN (SELECT holder_id FROM card WHERE number = %s)", [text]),
        By.TAIL: ("h.id IN (SELECT holder_id FROM contact WHERE tail = %s)", [text]),
    }
    return [conditions[by] for by in meanings(text)] or [("1=1", [])]


def _narrowed(wanted: PeopleWanted) -> Condition:
    parts = ["1=1"]
    values: list[Any] = []
    if wanted.class_id is not None:
        parts.append("h.class_id = %s")
        values.append(wanted.class_id)
    if wanted.department:
        condition, bounds = _begins("h.department", folded(wanted.department))
        parts.append(condition)
        values += bounds
    if wanted.membership is not None:
        parts.append("h.is_active = %s")
        values.append(int(wanted.membership is Membership.ACTIVE))
    if wanted.card == NO_CARD:
        parts.append("NOT EXISTS (SELECT 1 FROM card c WHERE c.holder_id = h.id)")
    elif wanted.card:
        state = CardState[wanted.card.upper()]
        # nearly everybody has an active card: looked at one by one that page is full at once; the
        # other states are few, and found by their own index
        parts.append(
            "EXISTS (SELECT 1 FROM card c WHERE c.holder_id = h.id AND c.state = %s)"
            if state is CardState.ACTIVE
            else "h.id IN (SELECT c.holder_id FROM card c WHERE c.state = %s)"
        )
        values.append(int(state))
    if wanted.leaving_id:
        parts.append("h.id IN (SELECT holder_id FROM leaving_holder WHERE leaving_id = %s)")
        values.append(wanted.leaving_id)
    if wanted.campus_ids is not None:
        parts.append(f"h.campus_id IN ({sql.numbers(sorted(wanted.campus_ids))})")
    return " AND ".join(parts), values


def _begins(column: str, text: str) -> Condition:
    """A beginning as a range of the index: LIKE is one for MariaDB alone, a bound for SQLite."""
    if _dialect() == "sqlite":
        return f"{column} >= %s AND {column} < %s", [text, text + _ABOVE_ALL]
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"{column} LIKE %s", [f"{escaped}%"]


async def _newest_cards(holder_ids: Sequence[int]) -> dict[int, list[str]]:
    cards: dict[int, list[str]] = defaultdict(list)
    if holder_ids:
        rows = CardRow.filter(holder_id__in=list(holder_ids)).order_by("id")
        for holder_id, state in await rows.values_list("holder_id", "state"):
            cards[holder_id].append(CardState(state).name.lower())
    return cards


async def _execute(statement: str, values: list[Any]) -> list[dict[str, Any]]:
    if _dialect() == "sqlite":
        statement = statement.replace("%s", "?")
    connection = CardholderRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement, values))


def _dialect() -> str:
    return str(CardholderRow._meta.db.capabilities.dialect)  # noqa: SLF001 - as above
