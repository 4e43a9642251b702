"""The trail of who did what: listed with filters, taken out as a file, and proven."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import orjson
from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_staff
from backend.api.described import described
from backend.api.exporting import EXPORT_MEDIA, Export, ExportQuery, Row, export_list, exported
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.domain.sealing import Head
from backend.domain.sheet import Column, Kind
from backend.tables.seals import read_head
from backend.tables.trails import Sought
from backend.usecases.audits.read_audits import read_audits
from backend.usecases.audits.verify_audits import verify_audits
from campus_code.limits import AT_MAX

EXPORT_PAGE_ROWS = 1_000
SEALS_A_STEP = 5_000
"""How many lines one request proves: about a second."""
NUMBER_MAX = 2**53 - 1

routes = Blueprint("admin_audits")


class AuditsFilter(Shape):
    """Which lines: of an actor (`staff:3`), a verb or its noun, a subject, a span of time."""

    actor: Annotated[str, Field(max_length=64)] = ""
    verb: Annotated[str, Field(max_length=48)] = ""
    subject: Annotated[str, Field(max_length=64)] = ""
    since: Annotated[int, Field(ge=0, le=AT_MAX)] = 0
    until: Annotated[int, Field(ge=0, le=AT_MAX)] = 0


class AuditsQuery(AuditsFilter, PageShape):
    """A page of the trail, newest first."""


class AuditsExportQuery(AuditsFilter, ExportQuery):
    """The same as a file."""


class AuditTold(TypedDict):
    """Who did what to what."""

    id: int
    at: At
    actor: str
    verb: str
    subject: str
    detail: dict[str, Any]


class AuditsTold(TypedDict):
    """A page of the trail."""

    audits: list[AuditTold]
    next: str | None


class HeadTold(TypedDict):
    """The end of the chain. Who writes it down elsewhere finds out when the end is cut off."""

    number: int
    hash: str


class ProofShape(Shape):
    """Go on after seal `after`; `known_…` is an end written down before, 0 and "": none."""

    after: Annotated[int, Field(ge=0, le=NUMBER_MAX)] = 0
    known_number: Annotated[int, Field(ge=0, le=NUMBER_MAX)] = 0
    known_hash: Annotated[str, Field(max_length=64)] = ""


class ProofTold(TypedDict):
    """What a stretch of the chain showed, where it ended and where the chain ends.

    Go on with `after` = `head.number` while that is below `end.number`.
    """

    lines: int
    findings: list[str]
    head: HeadTold
    end: HeadTold


def _sought(query: AuditsFilter) -> Sought:
    return Sought(query.actor, query.verb, query.subject, query.since, query.until)


@routes.get("/audits")
@for_staff("audit.read")
@described(AuditsTold, query=AuditsQuery)
async def list_audits(request: Request) -> HTTPResponse:
    """A page of the trail, newest first."""
    page = read_query(request, AuditsQuery)
    after = read_cursor(page.after, int)
    before_id = int(after[0]) if after else 0
    lines = await read_audits(_sought(page), before_id=before_id, lines_max=page.limit + 1)
    shown, following = turn(lines, page.limit, lambda line: (line.id,))
    body: AuditsTold = {
        "audits": [
            {
                "id": line.id,
                "at": line.at,
                "actor": line.actor,
                "verb": line.verb,
                "subject": line.subject,
                "detail": dict(line.detail),
            }
            for line in shown
        ],
        "next": following,
    }
    return answer(body)


async def _pages(query: AuditsExportQuery, _request: Request) -> AsyncIterator[Sequence[Row]]:
    before_id = 0
    while lines := await read_audits(
        _sought(query), before_id=before_id, lines_max=EXPORT_PAGE_ROWS
    ):
        yield [
            (
                line.id,
                line.at,
                line.actor,
                line.verb,
                line.subject,
                orjson.dumps(dict(line.detail)).decode(),
            )
            for line in lines
        ]
        before_id = lines[-1].id


AUDITS = exported(
    Export(
        "audits",
        "审计记录",
        "Audit trail",
        "audit.read",
        AuditsExportQuery,
        (
            Column("编号", "Line", Kind.NUMBER),
            Column("时间", "At", Kind.TIME),
            Column("操作人", "Actor"),
            Column("操作", "Verb"),
            Column("对象", "Subject"),
            Column("详情", "Detail"),
        ),
        _pages,
    )
)


@routes.get("/audits/export")
@for_staff("audit.read")
@described(None, query=AuditsExportQuery, media=EXPORT_MEDIA)
async def export_audits(request: Request) -> HTTPResponse:
    """The trail as a file, with the same filters."""
    return await export_list(request, AUDITS, read_query(request, AuditsExportQuery))


@routes.get("/audits/head")
@for_staff("audit.read")
@described(HeadTold)
async def show_head(_request: Request) -> HTTPResponse:
    """The end of the chain, to be written down."""
    return answer(_head(await read_head()))


@routes.post("/audits/proofs")
@for_staff("audit.read")
@described(ProofTold, body=ProofShape)
async def prove(request: Request) -> HTTPResponse:
    """Recompute a stretch of the chain from the lines themselves; changes nothing."""
    parts = parts_of(request)
    shape = read_json(request, ProofShape)
    known = Head(shape.known_number, shape.known_hash) if shape.known_number else None
    report = await verify_audits(
        parts.vault,
        after=shape.after,
        seals_max=SEALS_A_STEP,
        at=int(parts.clock()),
        known=known,
    )
    body: ProofTold = {
        "lines": report.lines,
        "findings": report.findings,
        "head": _head(report.head),
        "end": _head(report.end),
    }
    return answer(body)


def _head(head: Head) -> HeadTold:
    return {"number": head.number, "hash": head.hash}
