"""Uploading a roster: `POST /admin/rosters?choice=all|good&cards=0|1&dry_run=0|1`, body = CSV."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_staff
from backend.api.parts import parts_of
from backend.api.reading import answer, read_number
from backend.domain.errors import InvalidInputError
from backend.domain.roster import class_ids_of, read_roster
from backend.usecases.cardholders.import_roster import Choice, ImportOptions, import_roster

routes = Blueprint("admin_roster")


@routes.post("/rosters")
@for_staff("roster.import")
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
    body = {
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
    choice = request.args.get("choice", Choice.ALL.value)
    if choice not in set(Choice):
        raise InvalidInputError("choice", f"must be one of {', '.join(Choice)}")
    return ImportOptions(
        choice=Choice(choice),
        has_cards=bool(read_number(request, "cards", 0, 0, 1)),
        is_dry_run=bool(read_number(request, "dry_run", 1, 0, 1)),
    )
