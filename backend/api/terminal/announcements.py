"""What a kiosk shows to everybody: the school's announcements."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import for_terminal
from backend.api.announcement_told import AnnouncementsTold, announcements_told
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer
from backend.usecases.announcements.read_announcements import read_announcements

routes = Blueprint("terminal_announcements")


@routes.get("/announcements")
@for_terminal
@described(AnnouncementsTold)
async def show_announcements(request: Request) -> HTTPResponse:
    """What is to be shown now, the newest first."""
    rows = await read_announcements(int(parts_of(request).clock()))
    return answer(announcements_told(rows))
