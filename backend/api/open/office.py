"""The office's web, as it was built: where the school runs its card.

Not one of the server's own routes: the composition root adds it where a build is. The pages hold
nothing of the school; all they show they ask the server for, with the session of whoever looks.
"""

from __future__ import annotations

from pathlib import Path

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import in_public
from backend.api.described import described
from backend.api.open.files import INDEX, TYPES, give_file, page_headers

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
"""Nothing that stands in a page runs or paints by itself, and nobody frames it."""

BUILT = "assets/"
BUILT_KEPT = "public, max-age=31536000, immutable"
"""What the build names after its own content never changes."""


def build_office(folder: Path) -> Blueprint:
    """Make the routes under /office, of a folder that `admin_web` was built into."""
    folder = folder.resolve()
    headers = page_headers(POLICY)
    kept = {**headers, "cache-control": BUILT_KEPT}
    routes = Blueprint("office", url_prefix="/office")

    @routes.get("", name="door", strict_slashes=True)
    @in_public
    @described(None, status=308, media=TYPES[".html"])
    async def redirect(_request: Request) -> HTTPResponse:
        """308: the page's own addresses are below the folder."""
        return HTTPResponse(status=308, headers={"location": "/office/"})

    @routes.get("/", name="index", strict_slashes=True)
    @in_public
    @described(None, media=TYPES[".html"])
    async def read_index(_request: Request) -> HTTPResponse:
        """200: the page."""
        return await give_file(folder, INDEX, headers)

    @routes.get("/<name:path>", name="file", unquote=True)
    @in_public
    @described(None, media="application/octet-stream")
    async def read_file(_request: Request, name: str) -> HTTPResponse:
        """200: one file of the build, or the page itself for an address that it makes up."""
        if "." not in name.rsplit("/", 1)[-1]:
            return await give_file(folder, INDEX, headers)
        return await give_file(folder, name, kept if name.startswith(BUILT) else headers)

    return routes
