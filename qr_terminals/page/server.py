"""A page server: 127.0.0.1, one thread, the routes it is handed, and one stream of events."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from qr_terminals.errors import ConfigError, RequestError
from qr_terminals.page.answers import tell_http_error, tell_request_error
from qr_terminals.page.feed import Feed
from qr_terminals.page.guard import Guard

ADDRESS: Final = "127.0.0.1"
EVENTS: Final = "/events"
BACKLOG: Final = 32
CONNECTIONS_MAX: Final = 48
STOP_SECONDS: Final = 3


class PageServer:
    """
    Serves `routes`, and `feed` at /events. Port 0 takes a free one; `url` says where it is.

    It listens as soon as it is made, and answers once started. ConfigError when the port is taken.
    """

    def __init__(self, port: int, routes: Sequence[BaseRoute], feed: Feed) -> None:
        self._feed = feed
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        app = Starlette(
            routes=[*routes, Route(EVENTS, self._events)],
            middleware=[Middleware(Guard, port=self.port)],
            exception_handlers={
                RequestError: tell_request_error,
                HTTPException: tell_http_error,
            },
        )
        self._server = uvicorn.Server(_settings(app))
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)

    @property
    def url(self) -> str:
        """The page's address, for a browser on this box."""
        return f"http://{ADDRESS}:{self.port}/"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End every stream and the thread."""
        self._feed.close()
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    async def _events(self, _request: Request) -> Response:
        if self._feed.is_full:
            raise RequestError(
                503, "too_many_pages", "打开的页面太多。", "Too many pages are open."
            )
        return StreamingResponse(self._feed.follow(), media_type="text/event-stream")


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((ADDRESS, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"页面端口 {port} 打不开。", f"Port {port} for the page cannot be opened: {error}."
        ) from error
    return listening


def _settings(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=1,
    )
