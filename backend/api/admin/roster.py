"""Rosters: uploaded, looked at before, taken back.

`POST /admin/rosters?choice=all|good&cards=0|1&dry_run=0|1`, body = CSV.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.api.watching import watched
from backend.domain.roster import RosterError, class_ids_of, read_roster
from backend.domain.roster_undo import Difference, fields_changed
from backend.tables.books import campus_ids
from backend.tables.roster import RosterImportRow
from backend.tables.roster_changes import count_changes
from backend.usecases.cardholders.import_roster import Choice, ImportOptions, import_roster
from backend.usecases.cardholders.list_imports import list_imports
from backend.usecases.cardholders.read_import import read_import
from backend.usecases.cardholders.undo_import import undo_import
from backend.usecases.staff.name_staff import name_staff

REASON_LENGTH_MAX = 200

routes = Blueprint("admin_roster")


Flag = Annotated[int, Field(ge=0, le=1)]


class RosterQuery(Shape):
    """What to do with lines that are wrong, whether to open cards, and whether only to look."""

    choice: Literal["all", "good"] = "all"
    cards: Flag = 0
    dry_run: Flag = 1
    reason: Annotated[str, Field(max_length=REASON_LENGTH_MAX)] = ""


class ImportsQuery(PageShape):
    """A page of imports, newest first; or of an import's changes, in the order of its lines."""


class UndoShape(Shape):
    """Why the import is taken back."""

    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH_MAX)]


class RosterErrorTold(TypedDict):
    """What is wrong in one line of the file."""

    line: int
    column: str
    error: str
    zh: str
    en: str


class FieldChangedTold(TypedDict):
    """One thing the roster says of a person: what it was (null: he is new) and becomes."""

    field: Literal["name", "department", "class_id", "is_active", "is_adult", "campus_id"]
    before: str | int | bool | None
    after: str | int | bool | None


class RosterDifferenceTold(TypedDict):
    """What one line does to its person."""

    line: int
    number: str
    name: str
    change: Literal["added", "changed", "leaving", "returning"]
    fields: list[FieldChangedTold]


class RosterTold(TypedDict):
    """What happened, or in a dry run would happen; `leaving` are among those changed.

    `differences` lists the first thousand people, `errors` the first thousand faults; the counts
    are whole. `import_id` is 0 where nothing was written.
    """

    is_written: bool
    encoding: str
    added: int
    changed: int
    unchanged: int
    cards: int
    refused: int
    leaving: int
    import_id: int
    differences: list[RosterDifferenceTold]
    errors: list[RosterErrorTold]


class RosterImportTold(TypedDict):
    """One import that changed something; `undone_at` is 0 while it stands."""

    import_id: int
    made_by: str
    made_at: At
    reason: str
    added: int
    changed: int
    cards: int
    refused: int
    undone_by: str
    undone_at: At
    undone_reason: str


class RosterImportsTold(TypedDict):
    """A page of imports, and the names behind their labels."""

    imports: list[RosterImportTold]
    names: dict[str, str]
    next: str | None


class RosterChangeTold(RosterDifferenceTold):
    """What an import did to one person; `outcome` is empty while the import stands.

    `undone`; `no_limits` (undone, but guardians' limits that ended are gone); `changed_since` and
    `in_use` stay as they are.
    """

    cardholder_id: int
    outcome: Literal["", "undone", "no_limits", "changed_since", "in_use"]


class RosterChangesTold(TypedDict):
    """A page of what an import changed."""

    changes: list[RosterChangeTold]
    next: str | None


@routes.post("/rosters")
@for_staff("roster.import")
@described(RosterTold, query=RosterQuery, takes="text/csv")
async def upload_roster(request: Request) -> HTTPResponse:
    """Import the CSV in the body; a dry run (the default) says what would happen.

    200 with counts and per-line errors; with choice=all and any error nothing is written.
    """
    parts = parts_of(request)
    rules = parts.rules.bundle
    options = _options(request)
    raw = request.body or b""
    campuses = await campus_ids()
    roster = await asyncio.to_thread(read_roster, raw, class_ids_of(rules.classes), campuses)
    async with watched(request, len(roster.lines)) as step:
        summary = await import_roster(
            roster,
            options,
            rules=rules,
            actor=actor_of(request),
            at=int(parts.clock()),
            randomness=parts.randomness,
            bus=parts.bus,
            on_progress=step,
        )
    body: RosterTold = {
        "is_written": summary.is_written,
        "encoding": roster.encoding,
        "added": summary.added,
        "changed": summary.changed,
        "unchanged": summary.unchanged,
        "cards": summary.cards,
        "refused": summary.refused,
        "leaving": summary.leaving,
        "import_id": summary.import_id,
        "differences": [_difference(one) for one in summary.differences],
        "errors": errors_told(roster.errors),
    }
    return answer(body)


def errors_told(errors: Sequence[RosterError]) -> list[RosterErrorTold]:
    """What is wrong in a file, line by line."""
    return [
        {
            "line": error.line,
            "column": error.column,
            "error": error.fault.name.lower(),
            "zh": error.sentence("zh"),
            "en": error.sentence("en"),
        }
        for error in errors
    ]


def _options(request: Request) -> ImportOptions:
    query = read_query(request, RosterQuery)
    return ImportOptions(
        choice=Choice(query.choice),
        has_cards=bool(query.cards),
        is_dry_run=bool(query.dry_run),
        reason=query.reason,
    )


@routes.get("/rosters")
@for_staff("roster.import")
@described(RosterImportsTold, query=ImportsQuery)
async def read_imports(request: Request) -> HTTPResponse:
    """The imports that changed something, newest first."""
    query = read_query(request, ImportsQuery)
    after = read_cursor(query.after, int)
    rows = await list_imports(int(after[0]) if after else 0, query.limit + 1)
    shown, following = turn(rows, query.limit, lambda row: (row.id,))
    body: RosterImportsTold = {
        "imports": [_import(row) for row in shown],
        "names": await name_staff(one for row in shown for one in (row.made_by, row.undone_by)),
        "next": following,
    }
    return answer(body)


@routes.get("/rosters/<import_id:int>/changes")
@for_staff("roster.import")
@described(RosterChangesTold, query=ImportsQuery)
async def read_changes(request: Request, import_id: int) -> HTTPResponse:
    """Whom an import added or changed, and what became of it when the import was taken back."""
    query = read_query(request, ImportsQuery)
    after = read_cursor(query.after, int)
    rows = await read_import(import_id, int(after[0]) if after else 0, query.limit + 1)
    shown, following = turn(rows, query.limit, lambda row: (row.id,))
    changes: list[RosterChangeTold] = [
        {
            **_difference(Difference(row.line, row.number, row.before, row.after)),
            "cardholder_id": row.holder_id,
            "outcome": row.outcome,  # type: ignore[typeddict-item]  # an Outcome or empty
        }
        for row in shown
    ]
    body: RosterChangesTold = {"changes": changes, "next": following}
    return answer(body)


@routes.post("/rosters/<import_id:int>/undos")
@for_staff("roster.import")
@described(RosterImportTold, body=UndoShape, status=201)
async def undo(request: Request, import_id: int) -> HTTPResponse:
    """201: whom nobody changed or used since is as before; the others say so in `changes`."""
    parts = parts_of(request)
    reason = read_json(request, UndoShape).reason
    async with watched(request, await count_changes(import_id)) as step:
        row = await undo_import(
            import_id,
            reason,
            rules=parts.rules.bundle,
            actor=actor_of(request),
            at=int(parts.clock()),
            bus=parts.bus,
            on_progress=step,
        )
    return answer(_import(row), 201)


def _import(row: RosterImportRow) -> RosterImportTold:
    return {
        "import_id": row.id,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "reason": row.reason,
        "added": row.added,
        "changed": row.changed,
        "cards": row.cards,
        "refused": row.refused,
        "undone_by": row.undone_by,
        "undone_at": row.undone_at,
        "undone_reason": row.undone_reason,
    }


def _difference(one: Difference) -> RosterDifferenceTold:
    return {
        "line": one.line,
        "number": one.number,
        "name": one.after.name,
        "change": one.change.value,
        "fields": [
            {"field": field, "before": before, "after": after}  # type: ignore[typeddict-item]  # COMPARED's own words
            for field, (before, after) in fields_changed(one.before, one.after).items()
        ],
    }
