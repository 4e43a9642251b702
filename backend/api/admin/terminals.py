"""Terminals, as the office sees them."""

from __future__ import annotations

import base64
import io
from dataclasses import asdict
from typing import Annotated, Literal, cast

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import Parts, parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.terminal_told import (
    HeldVersionsTold,
    TerminalDeedTold,
    TerminalDrillTold,
    TerminalHourTold,
    TerminalRefusalTold,
    TerminalTold,
    kind_of,
    shown_terminal,
)
from backend.api.told import At, Base64Text
from backend.domain.epoch import EPOCH_OVERLAP_SECONDS_MAX
from backend.domain.terminal import TERMINAL_ID_MAX
from backend.tables.door import DoorRow
from backend.tables.live_reads import NO_STAND
from backend.tables.versions import read_versions
from backend.usecases.terminals.list_terminals import (
    Readiness,
    Standing,
    Wanted,
    list_terminals,
)
from backend.usecases.terminals.make_enrolment import Enrolment, make_enrolment, roll_terminal
from backend.usecases.terminals.read_terminal import DrillPart, read_terminal
from backend.usecases.terminals.report_stolen import (
    Theft,
    TheftReport,
    read_theft,
    report_stolen,
)
from backend.usecases.terminals.revoke_terminal import revoke_terminal
from campus_code import business_day, draw_text
from campus_code.limits import AT_MAX

routes = Blueprint("admin_terminals")

TOKEN_PREFIX = "xm1"  # noqa: S105 - the form's name, not a secret


class PlaceShape(Shape):
    """Where a new terminal is to stand."""

    name: str = Field(min_length=1, max_length=64)
    merchant_id: int = Field(ge=1, le=TERMINAL_ID_MAX)
    group_id: str = Field(min_length=1, max_length=16)


class ReasonShape(Shape):
    """Why somebody does what cannot be undone."""

    reason: str = Field(min_length=1, max_length=200)


class TheftShape(Shape):
    """Since when it has been gone, why, and how long old codes are still taken (seconds)."""

    stolen_at: int = Field(ge=0, le=AT_MAX)
    overlap_seconds: int = Field(ge=0, le=EPOCH_OVERLAP_SECONDS_MAX)
    reason: str = Field(min_length=1, max_length=200)


class TheftTold(TypedDict):
    """What was done, and what the terminal took since: posted, contested, never posted."""

    terminal_id: int
    stolen_at: At
    reported_at: At
    reported_by: str
    epochs: list[int]
    overlap_ends_at: At
    payments: int
    charged_fen: int
    contested: int
    quarantined: int


class TokenTold(TypedDict):
    """A one-time token: its text, and its picture as PNG."""

    enrolment_id: int
    token: str
    picture: Base64Text
    expires_at: At


class RevokedTold(TypedDict):
    """The terminal is out."""

    terminal_id: int
    revoked: bool


class TerminalsShape(PageShape):
    """Which terminals; 0 and "" for any. `place_id`: there and below it.

    `text`: a part of the name, or an id.
    """

    place_id: Annotated[int, Field(ge=0, le=TERMINAL_ID_MAX)] = 0
    merchant_id: Annotated[int, Field(ge=0, le=TERMINAL_ID_MAX)] = 0
    group_id: Annotated[str, Field(max_length=16)] = ""
    text: Annotated[str, Field(max_length=64)] = ""
    standing: Literal["all", "heard", "silent", "revoked", "stolen"] = "all"
    readiness: Literal["all", "ready", "mending", "bad", "unknown"] = "all"


class TerminalsTold(TypedDict):
    """A page, the versions in force, and how many are connected to this process."""

    versions: HeldVersionsTold
    connected_here: int
    terminals: list[TerminalTold]
    next: str | None


class TerminalPageTold(TypedDict):
    """A terminal; `versions` are those it is to hold, refusals the business day's."""

    terminal: TerminalTold
    versions: HeldVersionsTold
    is_on_trial: bool
    quarantined: int
    hours: list[TerminalHourTold]
    refusals: list[TerminalRefusalTold]
    deeds: list[TerminalDeedTold]
    drills: list[TerminalDrillTold]
    theft: TheftTold | None


@routes.post("/terminals/enrolments")
@for_staff("terminals.enrol", scoped=True)
@described(TokenTold, body=PlaceShape, status=201)
async def enrol(request: Request) -> HTTPResponse:
    """201: the token's text and its picture (PNG in base64); it is shown this once."""
    parts = parts_of(request)
    shape = read_json(request, PlaceShape)
    made = await make_enrolment(
        shape.name,
        shape.merchant_id,
        shape.group_id,
        rules=parts.rules.bundle,
        actor=actor_of(request),
        at=parts.clock(),
        randomness=parts.randomness,
    )
    return answer(_token(parts, made), 201)


@routes.post("/terminals/<terminal_id:int>/rolls")
@for_staff("terminals.enrol", scoped=True)
@described(TokenTold, status=201)
async def roll(request: Request, terminal_id: int) -> HTTPResponse:
    """201: a token with which this terminal gets new keys."""
    parts = parts_of(request)
    made = await roll_terminal(
        terminal_id, actor=actor_of(request), at=parts.clock(), randomness=parts.randomness
    )
    return answer(_token(parts, made), 201)


@routes.post("/terminals/<terminal_id:int>/revocations")
@for_staff("terminals.revoke", scoped=True)
@described(RevokedTold, body=ReasonShape)
async def revoke(request: Request, terminal_id: int) -> HTTPResponse:
    """200: it is out, everywhere within a second. Stolen? Rotate the epoch as well."""
    parts = parts_of(request)
    shape = read_json(request, ReasonShape)
    await revoke_terminal(
        terminal_id, shape.reason, actor=actor_of(request), at=parts.clock(), bus=parts.bus
    )
    body: RevokedTold = {"terminal_id": terminal_id, "revoked": True}
    return answer(body)


@routes.post("/terminals/<terminal_id:int>/thefts")
@for_staff("terminals.revoke")
@described(TheftTold, body=TheftShape, status=201)
async def report_theft(request: Request, terminal_id: int) -> HTTPResponse:
    """201: it is out, its keys are replaced, what it took since is contested; the report.

    The overlap closes itself. A second report changes no keys and answers how things stand.
    """
    parts = parts_of(request)
    shape = read_json(request, TheftShape)
    report = await report_stolen(
        Theft(terminal_id, shape.stolen_at, shape.overlap_seconds, shape.reason),
        actor=actor_of(request),
        vault=parts.vault,
        randomness=parts.randomness,
        at=parts.clock(),
        bus=parts.bus,
    )
    await parts.keyrings.refresh()
    return answer(_theft(report), 201)


@routes.get("/terminals")
@for_staff("terminals.read", scoped=True)
@described(TerminalsTold, query=TerminalsShape)
async def read_all(request: Request) -> HTTPResponse:
    """200: terminals within reach by id, with what they told last; the versions in force."""
    return answer(await terminals_page(request, read_query(request, TerminalsShape)))


async def terminals_page(request: Request, query: TerminalsShape) -> TerminalsTold:
    """A page of the list."""
    parts = parts_of(request)
    at = int(parts.clock())
    after = read_cursor(query.after, int)
    wanted = Wanted(
        query.place_id,
        query.merchant_id,
        query.group_id,
        query.text,
        Standing(query.standing),
        Readiness(query.readiness),
    )
    after_id = 0 if after is None else int(after[0])
    view = await list_terminals(wanted, after_id, query.limit + 1, actor=actor_of(request), at=at)
    doors = {row.terminal_id for row in await DoorRow.all()}
    shown, following = turn(view.rows, query.limit, lambda row: (row.id,))
    rules = parts.rules.bundle if parts.rules.version else None
    body: TerminalsTold = {
        "versions": cast("HeldVersionsTold", asdict(await read_versions())),
        "connected_here": len(parts.events),
        "terminals": [
            shown_terminal(
                row,
                view.stands.get(row.merchant_id, NO_STAND),
                kind_of(rules, row.group_id, is_door=row.id in doors),
                at,
                is_stolen=row.id in view.stolen,
            )
            for row in shown
        ],
        "next": following,
    }
    return body


@routes.get("/terminals/<terminal_id:int>")
@for_staff("terminals.read", scoped=True)
@described(TerminalPageTold)
async def read(request: Request, terminal_id: int) -> HTTPResponse:
    """200: one terminal: what it holds and is to hold, what it did, what was done to it."""
    parts = parts_of(request)
    at = int(parts.clock())
    rules = parts.rules.bundle_at(terminal_id)
    view = await read_terminal(terminal_id, business_day(at, rules), actor=actor_of(request), at=at)
    theft = await read_theft(terminal_id) if view.is_stolen else None
    kind = kind_of(rules, view.row.group_id, is_door=view.is_door)
    canary = parts.rules.canary
    body: TerminalPageTold = {
        "terminal": shown_terminal(view.row, view.stand, kind, at, is_stolen=view.is_stolen),
        "versions": cast("HeldVersionsTold", asdict(await parts.rules.versions_at(terminal_id))),
        "is_on_trial": canary is not None and terminal_id in canary.terminal_ids,
        "quarantined": view.quarantined,
        "hours": [
            {
                "begins_at": one.begins_at,
                "payments": one.payments,
                "offline_payments": one.offline_payments,
            }
            for one in view.hours
        ],
        "refusals": [{"reason": reason, "count": count} for reason, count in view.refusals],
        "deeds": [
            {
                "at": int(line.at.timestamp()),
                "actor": line.actor,
                "verb": line.verb,
                "detail": line.detail,
            }
            for line in view.trail
        ],
        "drills": [_drill(part) for part in view.drills],
        "theft": None if theft is None else _theft(theft),
    }
    return answer(body)


def _drill(part: DrillPart) -> TerminalDrillTold:
    return {
        "drill_id": part.drill.id,
        "reason": part.drill.reason,
        "begins_at": part.drill.begins_at,
        "ends_at": part.drill.ends_at,
        "told_at": part.told.told_at or None,
        "payments": part.told.payments,
        "charged_fen": part.told.charged_fen,
        "refusals": part.told.refusals,
        "decided_milliseconds_max": part.told.decided_milliseconds_max,
    }


def _theft(report: TheftReport) -> TheftTold:
    return {
        "terminal_id": report.terminal_id,
        "stolen_at": report.stolen_at,
        "reported_at": report.reported_at,
        "reported_by": report.reported_by,
        "epochs": list(report.epochs),
        "overlap_ends_at": report.overlap_ends_at,
        "payments": report.payments,
        "charged_fen": report.charged_fen,
        "contested": report.contested,
        "quarantined": report.quarantined,
    }


def _token(parts: Parts, made: Enrolment) -> TokenTold:
    text = f"{TOKEN_PREFIX}:{parts.config.public_url}|{made.token}"
    picture = io.BytesIO()
    draw_text(text).save(picture, "PNG")
    return {
        "enrolment_id": made.id,
        "token": text,
        "picture": base64.b64encode(picture.getvalue()).decode(),
        "expires_at": made.expires_at,
    }
