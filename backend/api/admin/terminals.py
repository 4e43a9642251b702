"""Terminals, as the office sees them."""

from __future__ import annotations

import base64
import io
from dataclasses import asdict
from typing import Any, cast

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import Parts, parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At, Base64Text
from backend.domain.epoch import EPOCH_OVERLAP_SECONDS_MAX
from backend.domain.terminal import TERMINAL_ID_MAX
from backend.tables.places import within
from backend.tables.terminal import TerminalRow
from backend.tables.versions import held_by, read_versions
from backend.usecases.terminals.make_enrolment import Enrolment, make_enrolment, roll_terminal
from backend.usecases.terminals.report_stolen import Theft, report_stolen
from backend.usecases.terminals.revoke_terminal import revoke_terminal
from campus_code import draw_text
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


class HeldVersionsTold(TypedDict):
    """A version of each document; 0: none yet."""

    rules: int
    denylist: int
    directory: int
    keyring: int
    limits: int
    chips: int
    doors: int


class TerminalTold(TypedDict):
    """A terminal with what it reported last; null: never."""

    terminal_id: int
    name: str
    merchant_id: int
    group_id: str
    enrolled_at: At
    revoked_at: At | None
    seen_at: At | None
    clock_skew_seconds: int
    journal_depth: int
    confirmed_through: int
    versions: HeldVersionsTold
    software: str
    readiness: dict[str, Any]


class TerminalsTold(TypedDict):
    """Every terminal, the versions in force, and how many are connected to this process."""

    versions: HeldVersionsTold
    connected_here: int
    terminals: list[TerminalTold]


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
    body: TheftTold = {
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
    return answer(body, 201)


@routes.get("/terminals")
@for_staff("terminals.read", scoped=True)
@described(TerminalsTold)
async def read_all(request: Request) -> HTTPResponse:
    """200: every terminal within reach with what it reported last, and the versions in force."""
    now = await read_versions()
    rows = await TerminalRow.filter(**within(actor_of(request))).order_by("id")
    body: TerminalsTold = {
        "versions": cast("HeldVersionsTold", asdict(now)),
        "connected_here": len(parts_of(request).events),
        "terminals": [_shown(row) for row in rows],
    }
    return answer(body)


def _shown(row: TerminalRow) -> TerminalTold:
    return {
        "terminal_id": row.id,
        "name": row.name,
        "merchant_id": row.merchant_id,
        "group_id": row.group_id,
        "enrolled_at": int(row.enrolled_at.timestamp()),
        "revoked_at": None if row.revoked_at is None else int(row.revoked_at.timestamp()),
        "seen_at": None if row.seen_at is None else int(row.seen_at.timestamp()),
        "clock_skew_seconds": row.clock_skew_seconds,
        "journal_depth": row.journal_depth,
        "confirmed_through": row.journal_sequence,
        "versions": cast("HeldVersionsTold", asdict(held_by(row))),
        "software": row.software,
        "readiness": row.readiness,
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
