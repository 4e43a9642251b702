"""Uploading a roster: `POST /admin/rosters?choice=all|good&cards=0|1&dry_run=0|1`, body = CSV."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.domain.roster import class_ids_of, read_roster
from backend.usecases.cardholders.import_roster import Choice, ImportOptions, import_roster

routes = Blueprint("admin_roster")


Flag = Annotated[int, Field(ge=0, le=1)]


class RosterQuery(Shape):
    """What to do with lines that are wrong, whether to open cards, and whether only to look."""

    choice: Literal["all", "good"] = "all"
    cards: Flag = 0
    dry_run: Flag = 1


class RosterErrorTold(TypedDict):
    """What is wrong in one line of the file."""

    line: int
    column: str
    error: str
    zh: str
    en: str


class RosterTold(TypedDict):
    """What happened, or in a dry run would happen."""

    is_written: bool
    encoding: str
    added: int
    changed: int
    unchanged: int
    cards: int
    refused: int
    errors: list[RosterErrorTold]


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
    roster = await asyncio.to_thread(read_roster, raw, class_ids_of(rules.classes))
    summary = await import_roster(
        roster,
        options,
        rules=rules,
        actor=actor_of(request),
        at=int(parts.clock()),
        randomness=parts.randomness,
        bus=parts.bus,
    )
    body: RosterTold = {
        "is_written": summary.is_written,
        "encoding": roster.encoding,
        "added": summary.added,
        "changed": summary.changed,
        "unchanged": summary.unchanged,
        "cards": summary.cards,
        "refused": summary.refused,
        "errors": [
            {
                "line": error.line,
                "column": error.column,
                "error": error.fault.name.lower(),
                "zh": error.sentence("zh"),
                "en": error.sentence("en"),
            }
            for error in roster.errors
        ],
    }
    return answer(body)


def _options(request: Request) -> ImportOptions:
    query = read_query(request, RosterQuery)
    return ImportOptions(
        choice=Choice(query.choice),
        has_cards=bool(query.cards),
        is_dry_run=bool(query.dry_run),
    )
