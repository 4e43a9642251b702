"""What doors are to hold: the rules in force, and the cards with a door freeze or a grant."""

from __future__ import annotations

from typing import cast

from backend.tables.card import CardRow
from backend.tables.door import DoorGrantRow, DoorRow, DoorRulesRow
from backend.tables.versions import DOORS, next_version
from campus_code import CardState, DoorCard, DoorRules, door_rules_from_json

ROWS_A_PAGE = 1000


async def newest_door_rules() -> DoorRulesRow | None:
    """The rules in force; None while none are published."""
    return await DoorRulesRow.all().order_by("-version").first()


def rules_of(row: DoorRulesRow | None) -> DoorRules:
    """The rules of a row; without one there is no zone and no door."""
    return DoorRules() if row is None else door_rules_from_json(row.body.encode())


async def is_door(terminal_id: int) -> bool:
    """Whether the rules in force call this terminal a door."""
    return await DoorRow.exists(terminal_id=terminal_id)


async def put_doors(rules: DoorRules) -> None:
    """Note which terminals are doors now; call inside `transaction()`."""
    await DoorRow.all().delete()
    await DoorRow.bulk_create(
        [DoorRow(terminal_id=number, zone=door.zone) for number, door in rules.doors.items()]
    )


async def tell_doors(holder_id: int) -> int:
    """A holder's grants or cards changed: doors must hear of his cards again; the new version.

    Call inside `transaction()`, under the holder's lock.
    """
    version = await next_version(DOORS)
    await CardRow.filter(holder_id=holder_id).update(doors_version=version)
    return version


async def tell_new_card(holder_id: int) -> int:
    """A holder has a new card: doors must hear of it if he was granted a zone, else 0."""
    if not await DoorGrantRow.exists(holder_id=holder_id):
        return 0
    return await tell_doors(holder_id)


async def door_cards_after(version: int) -> list[tuple[str, DoorCard]]:
    """The cards of which doors must hear after a version of their list; after 0 all in the list.

    Read in pages, as `holdings.cards_after` and for its reasons. A closed card is an ordinary one:
    directory and denylist say that it is closed.
    """
    found: list[tuple[str, DoorCard]] = []
    last = 0
    while True:
        query = CardRow.filter(id__gt=last)
        if version:
            query = query.filter(doors_version__gt=version)
        rows = cast(
            "list[tuple[int, str, int, int, bool]]",
            await query.order_by("id")
            .limit(ROWS_A_PAGE)
            .values_list("id", "number", "holder_id", "state", "are_doors_frozen"),
        )
        grants = await _grants({row[2] for row in rows})
        for _, number, holder_id, state, is_frozen in rows:
            is_open = state != CardState.CLOSED
            card = DoorCard(bool(is_frozen), grants.get(holder_id, {})) if is_open else DoorCard()
            if card or version:
                found.append((number, card))
        if len(rows) < ROWS_A_PAGE:
            return found
        last = rows[-1][0]


async def _grants(holder_ids: set[int]) -> dict[int, dict[int, int]]:
    grants: dict[int, dict[int, int]] = {}
    for row in await DoorGrantRow.filter(holder_id__in=sorted(holder_ids)):
        grants.setdefault(row.holder_id, {})[row.zone] = row.until_at
    return grants
