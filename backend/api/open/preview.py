"""The mini-program in a browser, for the demo: files that were built, and the demo's people.

Not one of the server's own routes: the composition root adds it when a demo has a preview. Whoever
reaches it gets working logins, so it refuses to be built in production.
"""

from __future__ import annotations

import asyncio
import warnings
from urllib.parse import urlsplit

import orjson
from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import in_public
from backend.api.described import described
from backend.api.open.files import INDEX, TYPES, give_file, page_headers
from backend.api.reading import answer
from backend.config import Config, ConfigError
from backend.domain.wechat_pay_account import LOOPBACK


def build_preview(config: Config) -> Blueprint:
    """Make the routes under /preview. Raises ConfigError without a preview and in production."""
    preview = config.preview
    if preview is None or config.mode == "production":
        raise ConfigError("XIAOMA_PREVIEW: the preview is for a demo, and hands out its logins")
    warnings.warn("the preview hands out the demo's logins to everybody", stacklevel=2)
    simulator = config.wechat.url if config.wechat is not None else ""
    pay = _simulated_pay(config)
    headers = _headers(simulator, pay)
    folder = preview.folder.resolve()
    routes = Blueprint("preview", url_prefix="/preview")

    @routes.get("/personas.json")
    @in_public
    @described(None, media="application/json")
    async def read_personas(_request: Request) -> HTTPResponse:
        """200: the demo's people with what a school would hand them on paper, as seeded."""
        if preview.personas is None or not preview.personas.is_file():
            return answer([])
        return answer(orjson.loads(await asyncio.to_thread(preview.personas.read_bytes)))

    @routes.get("/settings.json")
    @in_public
    @described(None, media="application/json")
    async def read_settings(_request: Request) -> HTTPResponse:
        """200: where the simulators of WeChat and WeChat Pay are, "" for one that is not there."""
        return answer({"simulator": simulator, "pay": pay})

    @routes.get("", name="door", strict_slashes=True)
    @in_public
    @described(None, status=308, media=TYPES[".html"])
    async def redirect(_request: Request) -> HTTPResponse:
        """308: the page's own addresses are relative to the folder."""
        return HTTPResponse(status=308, headers={"location": "/preview/"})

    @routes.get("/", name="index", strict_slashes=True)
    @in_public
    @described(None, media=TYPES[".html"])
    async def read_index(_request: Request) -> HTTPResponse:
        """200: the page around the phone."""
        return await give_file(folder, INDEX, headers)

    @routes.get("/<name:path>", name="file", unquote=True)
    @in_public
    @described(None, media="application/octet-stream")
    async def read_file(_request: Request, name: str) -> HTTPResponse:
        """200: one file of the preview."""
        return await give_file(folder, name, headers)

    return routes


def _simulated_pay(config: Config) -> str:
    """The address of a WeChat Pay on this machine: the true one has nothing for a browser."""
    if config.pay is None:
        return ""
    url = config.pay.urls[0]
    return url if urlsplit(url).hostname in LOOPBACK else ""


def _headers(*simulators: str) -> dict[str, str]:
    """What the browser may do: our own scripts, the simulators, and nobody's frame but ours."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",  # WXML has style attributes
        "img-src": "'self' data: blob:",
        "connect-src": " ".join(("'self'", *filter(None, simulators))),
        "frame-src": "'self'",
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return page_headers(policy)
