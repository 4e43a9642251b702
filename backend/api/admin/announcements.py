"""What the school announces in its halls."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_staff
from backend.api.announcement_told import (
    AnnouncementsTold,
    AnnouncementTold,
    announcement_told,
    announcements_told,
)
from backend.api.described import NothingTold, described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.domain.announcement import Announcement
from backend.tables.announcement import AnnouncementRow
from backend.usecases.announcements.end_announcement import end_announcement
from backend.usecases.announcements.publish_announcement import publish_announcement
from campus_code.limits import AT_MAX

LINES_MAX = 200

routes = Blueprint("admin_announcements")


class AnnouncementShape(Shape):
    """A title and a text in both languages, and its time in Unix seconds."""

    title_zh: Annotated[str, Field(min_length=1, max_length=40)]
    title_en: Annotated[str, Field(min_length=1, max_length=80)]
    text_zh: Annotated[str, Field(min_length=1, max_length=500)]
    text_en: Annotated[str, Field(min_length=1, max_length=1000)]
    opens_at: Annotated[int, Field(ge=0, le=AT_MAX)]
    closes_at: Annotated[int, Field(ge=0, le=AT_MAX)]


@routes.get("/announcements")
@for_staff("announcements.publish")
@described(AnnouncementsTold)
async def list_announcements(_request: Request) -> HTTPResponse:
    """The newest announcements, past and coming ones too."""
    rows = await AnnouncementRow.all().order_by("-id").limit(LINES_MAX)
    return answer(announcements_told(rows))


@routes.post("/announcements")
@for_staff("announcements.publish")
@described(AnnouncementTold, body=AnnouncementShape, status=201)
async def publish(request: Request) -> HTTPResponse:
    """201: it is shown in every hall in its time."""
    draft = Announcement(**read_json(request, AnnouncementShape).model_dump())
    at = int(parts_of(request).clock())
    row = await publish_announcement(draft, actor=actor_of(request), at=at)
    return answer(announcement_told(row), 201)


@routes.delete("/announcements/<announcement_id:int>")
@for_staff("announcements.publish")
@described(NothingTold)
async def end(request: Request, announcement_id: int) -> HTTPResponse:
    """It is shown nowhere from now on; again changes nothing."""
    at = int(parts_of(request).clock())
    await end_announcement(announcement_id, actor=actor_of(request), at=at)
    return answer({})
