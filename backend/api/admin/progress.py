"""How far a long request is, for whoever sent it."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_any_staff
from backend.api.described import described
from backend.api.reading import answer
from backend.api.told import At
from backend.domain.errors import NotFoundError
from backend.tables.progress import ProgressRow

routes = Blueprint("admin_progress")


class ProgressTold(TypedDict):
    """`done` of `total`. `ended_at` null: it goes on, or its process died at `moved_at`."""

    done: int
    total: int
    began_at: At
    moved_at: At
    ended_at: At | None


@routes.get("/progress/<watch_key:str>")
@for_any_staff
@described(ProgressTold)
async def read(request: Request, watch_key: str) -> HTTPResponse:
    """200: how far the own request is that was sent with this key in `x-watch`."""
    row = await ProgressRow.get_or_none(watch_key=watch_key, made_by=actor_of(request).label)
    if row is None:
        raise NotFoundError(
            "unknown_progress", zh="没有这项工作的进度。", en="There is no such work."
        )
    body: ProgressTold = {
        "done": row.done,
        "total": row.total,
        "began_at": row.began_at,
        "moved_at": row.moved_at,
        "ended_at": row.ended_at or None,
    }
    return answer(body)
