"""A list's own route as a file: its pages one after the other, its answers' keys as columns.

    async def terminals_page(request: Request, query: TerminalsShape) -> TerminalsTold: ...

    file_of(
        routes,
        "/terminals/export",
        ListFile(
            Named("terminals", "终端", "Terminals", "terminals.read"),
            TerminalsShape,
            terminals_page,
            "terminals",
            {"terminal_id": Column("终端号", "Number", Kind.NUMBER), ...},
        ),
        scoped=True,
    )

So a file holds what the page shows to the same person: the same filters, the same reach.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, get_args, get_type_hints

import orjson
from pydantic import create_model
from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import for_staff
from backend.api.described import DescriptionError, described
from backend.api.exporting import (
    EXPORT_MEDIA,
    Export,
    ExportQuery,
    Pages,
    Row,
    export_list,
    exported,
)
from backend.api.paging import PAGE_ROWS_MAX, PageShape
from backend.api.reading import read_query
from backend.domain.sheet import EXPORT_ROWS_MAX, Column, Value

PAGING: Final = frozenset(PageShape.model_fields)
PEOPLE: Final = ("people", "names")
"""Under which key a list tells the names behind its labels."""
YES_NO: Final = ("否 no", "是 yes")


class Named(NamedTuple):
    """What an export is called, and what whoever takes it must be allowed."""

    what: str
    zh: str
    en: str
    verb: str


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list that may leave as a file: its query, its page, under which key its rows stand.

    `columns` by the rows' keys, `close.closed_at` for what stands inside one. `is_personal`: the
    rows say who somebody is.
    """

    named: Named
    shape: type[PageShape]
    page: Callable[[Request, Any], Awaitable[Mapping[str, Any]]]
    rows: str
    columns: Mapping[str, Column]
    is_personal: bool = False


def file_of(routes: Blueprint, path: str, given: ListFile, *, scoped: bool = False) -> None:
    """Serve the list as a file at `path`, and make it known to those that two people let out."""
    name = given.named.what
    _require_told(given)
    query = _query(name, given.shape)

    async def pages(asked: ExportQuery, request: Request) -> Pages:
        after: str | None = ""
        while after is not None:
            wanted = given.shape(**asked.filters(), after=after, limit=PAGE_ROWS_MAX)
            told = await given.page(request, wanted)
            yield [_cells(row, given.columns, told) for row in told[given.rows]]
            after = told["next"]

    async def count(asked: ExportQuery, request: Request) -> int:
        found = 0
        async for page in pages(asked, request):
            found += len(page)
            if found > EXPORT_ROWS_MAX:
                break
        return found

    export = exported(
        Export(
            *given.named,
            query,
            tuple(given.columns.values()),
            pages,
            count if given.is_personal else None,
        )
    )

    @routes.get(path, name=f"export_{name}")
    @for_staff(given.named.verb, scoped=scoped)
    @described(None, query=query, media=EXPORT_MEDIA)
    async def _export(request: Request) -> HTTPResponse:
        """The list as a file, with the same filters."""
        return await export_list(request, export, read_query(request, query))


def _require_told(given: ListFile) -> None:
    """Raise DescriptionError for a column that the list's rows do not have."""
    told = get_type_hints(given.page)["return"]
    (row,) = get_args(get_type_hints(told)[given.rows])
    missing = {key.split(".")[0] for key in given.columns} - set(get_type_hints(row))
    if missing:
        raise DescriptionError(f"{given.named.what}: its rows have no {sorted(missing)}")


def _query(name: str, shape: type[PageShape]) -> type[ExportQuery]:
    """The list's filters without its paging, and which file."""
    fields: dict[str, Any] = {
        key: (field.annotation, field)
        for key, field in shape.model_fields.items()
        if key not in PAGING
    }
    made: type[ExportQuery] = create_model(f"{name}_file", __base__=ExportQuery, **fields)
    return made


def _cells(row: Mapping[str, Any], columns: Mapping[str, Column], told: Mapping[str, Any]) -> Row:
    names: Mapping[str, str] = next((told[key] for key in PEOPLE if key in told), {})
    return [_cell(_at(row, key), names) for key in columns]


def _at(row: Mapping[str, Any], key: str) -> object:
    """What stands under a key; a dot goes into what stands there, as far as it does."""
    value: Any = row
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _cell(value: object, names: Mapping[str, str]) -> Value:
    if isinstance(value, bool):
        return YES_NO[value]
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return orjson.dumps(value).decode()
    if isinstance(value, Sequence):
        return "、".join(str(one) for one in value)
    return str(value)
