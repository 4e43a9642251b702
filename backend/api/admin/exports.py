"""Files of much personal data: asked for by one person, approved by another, taken once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, ValidationError
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.exporting import EXPORT_MEDIA, EXPORTS, Export, ExportQuery, make_file
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.domain.access import Actor, appointments_for
from backend.domain.errors import ForbiddenError, InvalidInputError
from backend.domain.export import Decision, ExportAsked, Format, too_many_rows, unknown_export
from backend.domain.sheet import EXPORT_ROWS_MAX
from backend.tables.export import ExportRow
from backend.usecases.exports.ask_export import ask_export
from backend.usecases.exports.decide_export import decide_export
from backend.usecases.exports.find_approved import find_approved
from backend.usecases.exports.list_exports import list_exports
from backend.usecases.exports.take_export import take_export
from backend.usecases.staff.name_staff import name_staff

ID_MAX = 2**63 - 1
LINES_MAX = 200
LINES_USUAL = 50

routes = Blueprint("admin_exports")


class ExportShape(Shape):
    """Which list, by which of its own filters, and why; the asking client makes `request_key`."""

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    what: Annotated[str, Field(min_length=1, max_length=32)]
    format: Literal["csv", "xlsx"] = "xlsx"
    filters: dict[str, Annotated[str, Field(max_length=200)] | int] = Field(max_length=20)
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class ExportsQuery(Shape):
    """A page, newest first: `before` is the last export_id of the page before, 0 for the newest."""

    before: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    limit: Annotated[int, Field(ge=1, le=LINES_MAX)] = LINES_USUAL


class ExportTold(TypedDict):
    """A request for a file; `rows` is what it found when asked, `downloaded_at` 0: not taken."""

    export_id: int
    what: str
    zh: str
    en: str
    format: Literal["csv", "xlsx"]
    filters: dict[str, Any]
    rows: int
    reason: str
    asked_by: str
    asked_at: At
    state: Literal["waiting", "approved", "rejected", "downloaded"]
    approved_by: str
    downloaded_at: At
    is_own: bool


class ExportsTold(TypedDict):
    """A page of requests, and the names behind their labels."""

    exports: list[ExportTold]
    names: dict[str, str]


@routes.post("/exports")
@for_staff("exports.ask")
@described(ExportTold, body=ExportShape, status=201)
async def ask(request: Request) -> HTTPResponse:
    """201: the request waits for another person's approval."""
    shape = read_json(request, ExportShape)
    actor = actor_of(request)
    export = _export(shape.what, actor)
    query = _query(export, shape.filters, shape.format)
    rows = await export.count(query, request) if export.count is not None else 0
    if rows > EXPORT_ROWS_MAX:
        raise too_many_rows()
    filters = orjson.dumps(query.filters(), option=orjson.OPT_SORT_KEYS).decode()
    asked = ExportAsked(
        shape.request_key, shape.what, Format(shape.format), filters, rows, shape.reason
    )
    row = await ask_export(asked, actor=actor, at=int(parts_of(request).clock()))
    return answer(_told(row, actor), 201)


@routes.get("/exports")
@for_staff("exports.ask")
@described(ExportsTold, query=ExportsQuery)
async def read_all(request: Request) -> HTTPResponse:
    """Who asked for which file, and what became of it."""
    query = read_query(request, ExportsQuery)
    rows = await list_exports(query.before, query.limit)
    body: ExportsTold = {
        "exports": [_told(row, actor_of(request)) for row in rows],
        "names": await name_staff(one for row in rows for one in (row.asked_by, row.approved_by)),
    }
    return answer(body)


@routes.post("/exports/<export_id:int>/approvals")
@for_staff("exports.approve")
@described(ExportTold, status=201)
async def approve(request: Request, export_id: int) -> HTTPResponse:
    """201: whoever asked may take the file, once."""
    return await _decide(request, export_id, Decision.APPROVED)


@routes.post("/exports/<export_id:int>/rejections")
@for_staff("exports.approve")
@described(ExportTold, status=201)
async def reject(request: Request, export_id: int) -> HTTPResponse:
    """201: it does not leave."""
    return await _decide(request, export_id, Decision.REJECTED)


@routes.post("/exports/<export_id:int>/downloads")
@for_staff("exports.ask")
@described(None, media=EXPORT_MEDIA)
async def download(request: Request, export_id: int) -> HTTPResponse:
    """200: the file as the list is now, to whoever asked for it, once."""
    actor, at = actor_of(request), int(parts_of(request).clock())
    row = await find_approved(export_id, actor=actor, at=at)
    export = _export(row.what, actor)
    query = _query(export, orjson.loads(row.filters), row.format)
    made = await make_file(request, export, query)
    if made is None:
        raise too_many_rows()
    await take_export(export_id, made.rows, actor=actor, at=at)
    return made.answer


async def _decide(request: Request, export_id: int, decision: Decision) -> HTTPResponse:
    actor = actor_of(request)
    row = await ExportRow.get_or_none(id=export_id)
    if row is None:
        raise unknown_export()
    _export(row.what, actor)  # who may not see the list cannot answer for it
    at = int(parts_of(request).clock())
    return answer(_told(await decide_export(export_id, decision, actor=actor, at=at), actor), 201)


def _export(what: str, actor: Actor) -> Export:
    export = EXPORTS.get(what)
    if export is None:
        raise unknown_export()
    if not any(one.is_for_school for one in appointments_for(actor, export.verb)):
        raise ForbiddenError(
            "not_permitted",
            zh="您没有这项权限。",
            en="Your role may not do this.",
            verb=export.verb,
        )
    return export


def _query(export: Export, filters: dict[str, Any], format_word: str) -> ExportQuery:
    """The list's own query; a page has its filters from its address, where a number is digits."""
    numbers = {name for name, one in export.query.model_fields.items() if one.annotation is int}
    said = {
        name: int(value)
        if name in numbers and isinstance(value, str) and value.isdecimal()
        else value
        for name, value in filters.items()
    }
    try:
        return export.query.model_validate({**said, "format": format_word})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "filters"
        raise InvalidInputError(f"filters.{field}", first["msg"]) from None


def _told(row: ExportRow, actor: Actor) -> ExportTold:
    export = EXPORTS.get(row.what)
    state: Literal["waiting", "approved", "rejected", "downloaded"] = "waiting"
    if row.downloaded_at:
        state = "downloaded"
    elif row.decision:
        state = "approved" if row.decision == Decision.APPROVED else "rejected"
    return {
        "export_id": row.id,
        "what": row.what,
        "zh": export.zh if export else row.what,
        "en": export.en if export else row.what,
        "format": "csv" if row.format == "csv" else "xlsx",
        "filters": orjson.loads(row.filters),
        "rows": row.rows,
        "reason": row.reason,
        "asked_by": row.asked_by,
        "asked_at": row.asked_at,
        "state": state,
        "approved_by": row.approved_by,
        "downloaded_at": row.downloaded_at,
        "is_own": row.asked_by == actor.label,
    }
